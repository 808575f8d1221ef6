// The palette of the pictures. Products name colours; only this file holds their values.

export const palette = {
  paper: "#FBF4E6", white: "#FFFDF8", ink: "#2E241E", cream: "#F6EAD4", oat: "#DCC6A2", muslin: "#EFE3CB", linen: "#D9CAB0", salt: "#F4F0E9",
  butter: "#F0CF86", honey: "#E2A742", honeydark: "#B06A20", saffron: "#DE9030", orange: "#DB7430", apricot: "#EBAE7E", almond: "#B98555",
  russet: "#8C3B1B", terracotta: "#B9603D", clay: "#A0614A", kraft: "#C79F71", cork: "#CB9F6C", wood: "#C79460", walnut: "#7C4E31", sisal: "#E8D2A2", cocoa: "#4B2B1E",
  rose: "#DDA197", roseink: "#8A464A", quartz: "#E8BDB6", garnet: "#7F2536", berry: "#B23A34", plum: "#5F3B56", violet: "#8579A6", lavender: "#9C8DBB",
  slate: "#51626B", slateglass: "#607681", cobalt: "#34548A", sky: "#BCD3DA", teal: "#2F6A6C", steel: "#C3C7C4", stone: "#A9A29A",
  leaf: "#3E6B4F", moss: "#6F7D48", sage: "#A7B798", aloe: "#B4CC9C", aventurine: "#6B9E84", bottlegreen: "#31573F", spring: "#7F9B52", flaxblue: "#6E8FC0",
  amber: "#8F4D1F", orangeglass: "#C9682A", ciderglass: "#BD7C33", clear: "#EEF3EC",
};

const channels = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** The value of a palette name, or the hex value itself. */
export const colour = (name) => palette[name] ?? name;

/** `share` of `b` mixed into `a`, both names or hex values. */
export function mix(a, b, share) {
  const [from, to] = [channels(colour(a)), channels(colour(b))];
  return "#" + from.map((value, at) => Math.round(value + (to[at] - value) * share).toString(16).padStart(2, "0")).join("");
}

export const darker = (name, share = 0.22) => mix(name, "#2A1408", share);
export const lighter = (name, share = 0.3) => mix(name, "#FFF8EA", share);

const luminance = (name) => {
  const [r, g, b] = channels(colour(name)).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** The contrast of two colours as WCAG 2 counts it, 1 to 21. */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** The ink nearest to `tone` that can be read on `ground` (4.5:1), darker on light grounds and lighter on dark ones. */
export function legible(tone, ground = "paper") {
  const towards = isLight(ground) ? "ink" : "white";
  for (let share = 0; share < 1; share += 0.1) if (contrast(mix(tone, towards, share), ground) >= 4.5) return mix(tone, towards, share);
  return colour(towards);
}

/** Whether dark lettering reads better on this colour than light lettering (relative luminance as in WCAG 2). */
export const isLight = (name) => luminance(name) > 0.3;
