// Closures, set on a neck: `y` is the rim, `w` the width of the neck; each rises from there.
import { colour, darker, isLight, lighter } from "../colour.mjs";
import { box, n, oval, poly, pt } from "../geometry.mjs";

/** Fine vertical ribs of a screw cap. */
const ribs = (x0, x1, y0, y1, tone) => {
  let d = "";
  for (let x = x0 + 12; x < x1 - 6; x += 13) d += `M${pt(x, y0)}V${n(y1)}`;
  return `<path d="${d}" stroke="${isLight(tone) ? "#210" : "#fff"}" stroke-opacity=".13" stroke-width="3"/>`;
};

const screw = (sheet, y, w, tone, { h = Math.max(46, w * 0.46), over = 10, ribbed = true } = {}) => {
  const x = w / 2 + over;
  return sheet.solid(box(-x, y - h + 8, 2 * x, h, 9), tone, { x0: -x, x1: x, inside: ribbed ? ribs(-x, x, y - h + 20, y, tone) : "", light: 0.4 });
};

const cork = (sheet, y, w, tone) =>
  sheet.solid(poly([[-w * 0.56, y - Math.min(88, w * 0.75), 8], [w * 0.56, y - Math.min(88, w * 0.75), 8], [w * 0.48, y + 4, 2], [-w * 0.48, y + 4, 2]]), tone, { x0: -w * 0.58, x1: w * 0.58, inside: `<path d="M-99${n(y - 300)}h200v300h-200z" fill="${sheet.ref("K")}"/>`, light: 0.3 });

const wood = (sheet, y, w, tone) => {
  const x = w / 2 + 12;
  const grain = `<path d="M${pt(-x, y - 18)}q${pt(x, -9, 2 * x, 0)}M${pt(-x, y - 34)}q${pt(x, 8, 2 * x, -3)}" fill="none" stroke="#6b3d18" stroke-opacity=".3" stroke-width="2.5"/>`;
  return sheet.solid(box(-x, y - 48, 2 * x, 54, 12), tone, { x0: -x, x1: x, inside: grain, light: 0.35 }) + sheet.solid(oval(0, y - 62, 22, 20), tone, { x0: -22, x1: 22, light: 0.3 });
};

const cloth = (sheet, y, w, tone) => {
  const x = w / 2 + 8;
  const d = poly([[-x * 0.82, y - 66, 30], [x * 0.82, y - 66, 30], [x, y - 12, 8], [x + 26, y + 46, 4], [x * 0.72, y + 36, 14], [x * 0.42, y + 52, 10], [0, y + 38, 14], [-x * 0.42, y + 54, 10], [-x * 0.74, y + 36, 14], [-x - 26, y + 48, 4], [-x, y - 12, 8]]);
  const dots = `<path d="M${pt(-x * 0.6, y - 42)}h0M${pt(-x * 0.15, y - 46)}h0M${pt(x * 0.35, y - 40)}h0M${pt(-x * 0.8, y + 18)}h0M${pt(-x * 0.3, y + 22)}h0M${pt(x * 0.2, y + 20)}h0M${pt(x * 0.7, y + 22)}h0" stroke="${colour("russet")}" stroke-opacity=".55" stroke-width="9" stroke-linecap="round"/>`;
  return sheet.solid(d, tone, { x0: -x - 26, x1: x + 26, inside: dots, light: 0.25 }) + `<path d="M${pt(-x, y - 8)}q${pt(x, 13, 2 * x, 0)}" fill="none" stroke="${colour("kraft")}" stroke-width="8" stroke-linecap="round"/>`;
};

const pump = (sheet, y, w, tone) =>
  sheet.solid(box(-9, y - 112, 18, 84), lighter(tone, 0.12), { x0: -9, x1: 9, light: 0 }) +
  sheet.solid(box(-w / 2 - 8, y - 40, w + 16, 48, 7), tone, { x0: -w / 2 - 8, x1: w / 2 + 8, light: 0.35 }) +
  sheet.solid(poly([[-112, y - 142, 10], [32, y - 142, 12], [32, y - 104, 8], [-84, y - 108, 6], [-92, y - 84, 4], [-112, y - 88, 4]]), tone, { x0: -112, x1: 32, shade: 0.8, light: 0.2 });

const spray = (sheet, y, w, tone) =>
  sheet.solid(box(-w / 2 - 6, y - 40, w + 12, 48, 6), tone, { x0: -w / 2 - 6, x1: w / 2 + 6, light: 0.35 }) +
  sheet.solid(box(-w * 0.34, y - 92, w * 0.68, 54, 10), tone, { x0: -w * 0.34, x1: w * 0.34, light: 0.35 }) +
  `<circle cx="${n(-w * 0.2)}" cy="${n(y - 70)}" r="5" fill="${lighter(tone, 0.6)}"/>`;

const mist = (sheet, y, w, tone) =>
  sheet.solid(poly([[-w * 0.46, y - 84, 26], [w * 0.46, y - 84, 26], [w * 0.58, y + 8, 6], [-w * 0.58, y + 8, 6]]), tone, { x0: -w * 0.58, x1: w * 0.58, inside: `<path d="M-99${n(y - 26)}H99" stroke="#210" stroke-opacity=".2" stroke-width="3"/>`, light: 0.4 });

const flip = (sheet, y, w, tone) =>
  sheet.solid(poly([[-w * 0.56, y - 62, 10], [w * 0.56, y - 62, 10], [w * 0.62, y + 8, 6], [-w * 0.62, y + 8, 6]]), tone, { x0: -w * 0.62, x1: w * 0.62, inside: `<path d="M-99${n(y - 40)}H99M-14${n(y - 40)}v9h28v-9" fill="none" stroke="#210" stroke-opacity=".25" stroke-width="3"/>`, light: 0.35 });

const dropper = (sheet, y, w, tone) =>
  sheet.solid(poly([[-w * 0.3, y - 168, 30], [w * 0.3, y - 168, 30], [w * 0.34, y - 112, 24], [w * 0.24, y - 78, 8], [w * 0.3, y - 52], [-w * 0.3, y - 52], [-w * 0.24, y - 78, 8], [-w * 0.34, y - 112, 24]]), isLight(tone) ? tone : lighter(tone, 0.08), { x0: -w * 0.34, x1: w * 0.34, light: 0.45 }) +
  sheet.solid(box(-w / 2 - 6, y - 58, w + 12, 66, 6), isLight(tone) ? "kraft" : "honey", { x0: -w / 2 - 6, x1: w / 2 + 6, inside: ribs(-w / 2, w / 2, y - 58, y + 8, "honey"), light: 0.4 });

const swing = (sheet, y, w, tone) =>
  sheet.stroke(`M${pt(-w * 0.62, y + 62)}Q${pt(-w * 0.95, y - 10, -w * 0.3, y - 56)}H${n(w * 0.3)}Q${pt(w * 0.95, y - 10, w * 0.62, y + 62)}`, "#8b8d88", 6) +
  sheet.flat(box(-w * 0.42, y - 20, w * 0.84, 22, 6), "russet") +
  sheet.solid(poly([[-w * 0.38, y - 66, 16], [w * 0.38, y - 66, 16], [w * 0.52, y - 18, 6], [-w * 0.52, y - 18, 6]]), tone, { x0: -w * 0.52, x1: w * 0.52, light: 0.4 }) +
  sheet.flat(box(-w * 0.62, y + 52, w * 1.24, 12, 6), "#8b8d88");

const glass = (sheet, y, w) =>
  sheet.solid(poly([[-w * 0.34, y - 78, 34], [w * 0.34, y - 78, 34], [w * 0.52, y - 44, 16], [w * 0.52, y - 12, 6], [-w * 0.52, y - 12, 6], [-w * 0.52, y - 44, 16]]), "#DDE8E2", { x0: -w * 0.5, x1: w * 0.5, light: 0.8 }) +
  sheet.flat(box(-w * 0.52, y - 14, w * 1.04, 16, 6), "berry") +
  sheet.stroke(`M${pt(-w * 0.52, y + 40)}V${n(y - 36)}h16M${pt(w * 0.52, y + 40)}V${n(y - 36)}h-16M${pt(w * 0.52, y + 6)}h20v44`, "#8b8d88", 7);

const ball = (sheet, y, w, tone) => sheet.solid(box(-w / 2 - 4, y - 118, w + 8, 124, 30), tone, { x0: -w / 2 - 4, x1: w / 2 + 4, light: 0.35, inside: `<path d="M-20${n(y - 118)}q-9 70-4 130M14${n(y - 118)}q7 60 0 130" fill="none" stroke="#6b3d18" stroke-opacity=".25" stroke-width="3"/>` });

const loop = (sheet, y, w, tone) =>
  sheet.stroke(`M${pt(-w * 0.3, y - 50)}Q${pt(-w * 0.36, y - 116, 0, y - 116)}Q${pt(w * 0.36, y - 116, w * 0.3, y - 50)}`, darker("steel", 0.3), 13) +
  sheet.solid(box(-w / 2 - 6, y - 62, w + 12, 56, 9), tone, { x0: -w / 2 - 6, x1: w / 2 + 6, light: 0.3, inside: `<path d="M${pt(-w / 2 - 6, y - 40)}q${pt(w / 2, -8, w + 12, 2)}M${pt(-w / 2 - 6, y - 24)}q${pt(w / 2, 7, w + 12, 0)}" fill="none" stroke="#6b3d18" stroke-opacity=".28" stroke-width="2.5"/>` }) +
  sheet.flat(box(-w / 2, y - 8, w, 14, 3), "steel");

const caps = { screw, cork, wood, cloth, pump, spray, mist, flip, dropper, swing, glass, ball, loop };

/** The closure `picture.cap` on a neck of width `w` whose rim is at `y`. */
export const cap = (sheet, picture, y, w, more) => (caps[picture.cap] ?? screw)(sheet, y, w, colour(picture.capColour ?? "ink"), more);
