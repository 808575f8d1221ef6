// Labels: a piece of paper (or print straight on the body) with brand, mark, name and size, always fitting.
import { colour, isLight, legible, palette } from "./colour.mjs";
import { emblem } from "./emblems.mjs";
import { n, pt } from "./geometry.mjs";
import { LEADING, fit, line } from "./lettering.mjs";

/** What the label says below the name: the size of the first variant, if that is short. */
const note = (product) => product.picture.note ?? product.variants[0].options.Size ?? "";

/** In a still life nobody reads the labels: the mark and two strokes stand for the lettering. */
function quietly(product, cx, top, w, h, ink, second, mark) {
  const size = Math.min(w * 0.5, h * 0.4, 110);
  const y = top + h * (mark ? 0.68 : 0.42);
  return (mark ? emblem(mark, cx, top + h * 0.32, size, second) : "") + `<path d="M${pt(cx - w * 0.34, y)}h${n(w * 0.68)}M${pt(cx - w * 0.2, y + 20)}h${n(w * 0.4)}" stroke="${ink}" stroke-opacity=".7" stroke-width="7"/>`;
}

/** Brand, mark, name and size set in a column of w × h around cx, from `top` down. */
export function column(sheet, product, cx, top, w, h, ink, { second = ink, mark = product.picture.emblem, largest = 54, lines = 4, brand = true } = {}) {
  if (sheet.quiet) return quietly(product, cx, top, w, h, ink, second, mark);
  const small = Math.max(11, Math.min(17, w * 0.082));
  const gap = small * 0.7;
  let [from, to, out] = [top, top + h, ""];
  const name = product.picture.title ?? product.name;
  const minimum = fit(name, w, h, { largest, lines }).size * 1.3;
  if (brand && h > 70) {
    const text = product.brand.toUpperCase();
    const track = 0.16;
    const { size } = fit(text, w, small * LEADING, { largest: small, lines: 1, track });
    out += `<g fill="${second}">${line(sheet, text, cx, from + size * 0.82, size, { room: w, track })}</g>`;
    from += small + gap;
  }
  const size = note(product);
  if (size && h > 150) {
    const set = fit(size, w, small * LEADING, { largest: small, lines: 1 });
    out += `<path d="M${pt(cx - w * 0.12, to - small * 1.75)}h${n(w * 0.24)}" stroke="${second}" stroke-width="1.5"/>`;
    out += `<g fill="${ink}" fill-opacity=".85">${line(sheet, size, cx, to - small * 0.25, set.size, { room: w })}</g>`;
    to -= small * 1.75 + gap;
  }
  const markSize = Math.min(w * 0.36, h * 0.27, 76);
  if (mark && h > 120 && to - from - markSize > Math.min(minimum, 60)) {
    out += emblem(mark, cx, from + markSize * 0.5, markSize, second);
    from += markSize + gap * 0.7;
  }
  const set = fit(name, w, to - from, { largest, lines });
  const height = set.size * LEADING * set.lines.length;
  const first = (from + to - height) / 2 + set.size * 0.86;
  out += `<g fill="${ink}">${set.lines.map((text, at) => line(sheet, text, cx, first + at * set.size * LEADING, set.size, { room: w })).join("")}</g>`;
  return out;
}

const rect = (x, y, w, h, r, fill, more = "") => `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}"${r ? ` rx="${r}"` : ""} fill="${fill}"${more}/>`;

/**
 * The label of a product within the room {cx, y, w, h} of its body. `picture.label` says which kind; `on` is the colour of the body,
 * which decides the ink when the lettering is printed on it.
 */
export function label(sheet, product, { cx = 0, y, w, h, style = product.picture.label, on = product.picture.colour, wrap = w }) {
  const picture = product.picture;
  const paper = colour(picture.paper ?? "paper");
  const accent = colour(picture.accent ?? "russet");
  const second = legible(accent);
  const ink = palette.ink;
  const set = (x0, y0, w0, h0, more) => column(sheet, product, x0, y0, w0, h0, ink, { second, ...more });
  const hair = ` stroke="${second}" stroke-opacity=".5" stroke-width="1.5"`;
  if (style === "band") {
    const strip = Math.max(9, h * 0.055);
    return rect(cx - wrap / 2, y, wrap, h, 0, paper) + rect(cx - wrap / 2, y, wrap, strip, 0, accent) + rect(cx - wrap / 2, y + h - strip, wrap, strip, 0, accent) + set(cx, y + strip * 2.1, w * 0.84, h - strip * 4.2);
  }
  if (style === "card") {
    return rect(cx - w / 2, y, w, h, 5, paper) + rect(cx - w / 2 + 8, y + 8, w - 16, h - 16, 2, "none", hair) + set(cx, y + 26, w - 54, h - 50);
  }
  if (style === "arch") {
    const r = w / 2;
    const path = (inset) => `M${pt(cx - r + inset, y + h - inset)}V${n(y + r)}a${pt(r - inset, r - inset)} 0 0 1 ${n(2 * (r - inset))} 0V${n(y + h - inset)}z`;
    const markSize = Math.min(r * 0.62, 78);
    return `<path d="${path(0)}" fill="${paper}"/><path d="${path(8)}" fill="none"${hair}/>` + emblem(picture.emblem, cx, y + r * 0.52, markSize, second) + set(cx, y + r * 0.52 + markSize * 0.62, w - 58, h - r * 0.52 - markSize * 0.62 - 22, { mark: null });
  }
  if (style === "oval" || style === "round") {
    const [rx, ry] = [w / 2, style === "round" ? w / 2 : h / 2];
    const cy = y + h / 2;
    const oval = (inset, more) => `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx - inset)}" ry="${n(ry - inset)}"${more}/>`;
    return oval(0, ` fill="${paper}"`) + oval(8, ` fill="none"${hair}`) + set(cx, cy - ry * 0.68, rx * 1.28, ry * 1.34, { brand: ry > 100 });
  }
  return column(sheet, product, cx, y, w, h, isLight(on) ? ink : legible("cream", on), { second: legible(accent, on) });
}

/** A paper band around a body, its lettering in the middle. */
export function belly(sheet, product, { cx = 0, y, w, h, wrap = w, mark = product.picture.emblem }) {
  const picture = product.picture;
  const accent = colour(picture.accent ?? "russet");
  const second = legible(accent);
  return rect(cx - wrap / 2, y, wrap, h, 0, colour(picture.paper ?? "paper")) + rect(cx - wrap / 2, y + 7, wrap, 3, 0, accent) + rect(cx - wrap / 2, y + h - 10, wrap, 3, 0, accent) + column(sheet, product, cx, y + 22, w * 0.86, h - 44, palette.ink, { second, mark });
}

/** A paper swing tag with its eyelet at 0, 0, hanging down; `w` × `h` in px. */
export function tag(sheet, product, { w = 150, h = 200, mark = product.picture.emblem ?? "apple" } = {}) {
  const accent = colour(product.picture.accent ?? "russet");
  const second = legible(accent);
  const d = `M${pt(-w * 0.22, -16)}H${n(w * 0.22)}L${pt(w / 2, 22)}V${n(h)}H${n(-w / 2)}V22z`;
  return `<path d="${d}" fill="${palette.paper}"/><path d="M${pt(w * 0.12, -16)}H${n(w * 0.22)}L${pt(w / 2, 22)}V${n(h)}H${n(w * 0.12)}z" fill="#210" fill-opacity=".07"/><circle r="8" cy="10" fill="none" stroke="${second}" stroke-width="4"/>` + column(sheet, product, 0, 36, w - 22, h - 52, palette.ink, { second, mark, largest: 34 });
}
