// One product, one picture: draw(product, category) gives a standalone SVG.
import { colour } from "./colour.mjs";
import { n } from "./geometry.mjs";
import { bag, bar, carton, roll, tin } from "./kinds/paper.mjs";
import { balls, bands, blanket, block, brush, kit, mask, mat, pillow, plant, roller, rope, stone, warmer } from "./kinds/things.mjs";
import { bottle, candle, dropper, flask, jar, pot, rollon, stick, tube } from "./kinds/vessels.mjs";
import { tag } from "./label.mjs";
import { prop } from "./props.mjs";
import { Sheet } from "./sheet.mjs";
import { light, paper, stage } from "./stages.mjs";

export const kinds = { bottle, dropper, jar, tube, stick, rollon, flask, candle, pot: (sheet, product, picture) => pot(sheet, product, picture, tag), tin, box: carton, bag, bar, roll, brush, mat, roller, bands, block, balls, rope, stone, mask, pillow, blanket, warmer, kit, plant };

const FONT = "Georgia,'Times New Roman',serif";
/**
 * Says the same in fewer bytes: one opacity where a shape has only a fill or only a stroke, and round line ends said once, at the root
 * (broad or dashed lines that had none keep their flat ends).
 */
const shorter = (art) =>
  art.replace(/<(?:path|ellipse|circle|rect|g)\b[^>]*>/g, (tag) => {
    let out = tag.replace(/ stroke-linejoin="round"/, "");
    if (/ stroke-linecap="round"/.test(out)) out = out.replace(/ stroke-linecap="round"/, "");
    else if (/^<(path|g)/.test(out) && (/ stroke-dasharray=/.test(out) || Number(out.match(/ stroke-width="([\d.]+)"/)?.[1]) >= 9)) out = out.replace(/\/?>$/, (end) => ` stroke-linecap="butt"${end}`);
    if (/ opacity=/.test(out)) return out;
    if (!/ stroke=/.test(out)) return out.replace(" fill-opacity=", " opacity=");
    return / fill="none"/.test(out) || !/ fill=/.test(out) ? out.replace(" stroke-opacity=", " opacity=") : out;
  });

export const svg = (sheet, w, h, art, title = "") => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}"${sheet.lettering.length ? ` font-family="${FONT}" text-anchor="middle"` : ""} stroke-linecap="round" stroke-linejoin="round">${title}<defs>${sheet.definitions()}</defs>${shorter(art)}</svg>\n`;
const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** How much a thing of w × h is enlarged, so that small and tall things carry the same weight on the page. */
const enlarged = (w, h) => Math.min(1.5, 446 / Math.sqrt(w * h), 510 / w, 664 / h);

/** A product's thing with its shadows, its foot at x, y. */
export function thing(sheet, product, x, y, scale = 1) {
  const picture = product.picture;
  sheet.takeOutlines();
  const made = kinds[picture.kind](sheet, product, picture);
  const size = Math.round(enlarged(made.w, made.h) * scale * 100) / 100;
  const outlines = sheet.takeOutlines();
  const shadows = made.bare ? "" : sheet.cast(outlines) + sheet.contact(0, 0, made.w);
  return { art: `<g transform="translate(${n(x)} ${n(y)})scale(${size})">${shadows}${made.art}</g>`, w: made.w * size, h: made.h * size, lean: (made.lean ?? 0) * size };
}

/** Where props stand: beside the product in front, or behind it leaning out; `picture.side` says on which side to begin. */
function beside(sheet, picture, foot, made, x) {
  const layers = { behind: "", front: "" };
  const side = picture.side === "left" ? -1 : 1;
  const slot = (to) => ({ x: Math.max(130, Math.min(650, x + to * (made.w / 2 + 58))), y: foot + (to > 0 ? 50 : 56) });
  const slots = [slot(side), slot(-side)];
  const put = (layer, at, y, art, turn = "") => (layers[layer] += `<g transform="translate(${n(at)} ${n(y)})${turn}">${art}</g>`);
  for (const name of picture.props ?? []) {
    const [where, art] = prop(sheet, name, picture.fill ?? picture.colour);
    if (where === "lean") put("behind", x + side * Math.min(190, made.w * 0.32 + made.lean), foot - 34, art, side < 0 ? "scale(-1 1)" : "");
    else if (where === "above") put("behind", x - 226, foot - made.h + 96, art);
    else if (where === "moon") put("behind", 590, 190, art);
    else if (where !== "none") {
      const { x: at, y } = where === "left" ? slots.pop() : slots.shift();
      put("front", at, y, art);
    }
  }
  return layers;
}

/** Whether a prop stands behind the product and leans out, so that the product makes room for it. */
const LEANING = new Set(["olive", "wheat", "spinach", "mint", "rosehips", "buckthorn", "rosemary", "nettle", "bay", "sage", "lavender", "corkoak", "flax", "aloe"]);

/** The picture of a product, 4:5: {svg, lettering}; `option` picks one of `picture.options` (a colour, a shape). */
export function sheetOf(product, category, option) {
  const picture = { ...product.picture, ...(option ? product.picture.options?.[option] : {}) };
  const sheet = new Sheet();
  const ground = stage(picture.stage, category.tint, colour(picture.accent ?? picture.colour));
  const room = (picture.props ?? []).some((name) => LEANING.has(name)) ? (picture.side === "left" ? 26 : -26) : 0;
  const made = thing(sheet, { ...product, picture }, 400 + room, ground.foot, picture.scale ?? 1);
  const props = beside(sheet, picture, ground.props ?? ground.foot, made, 400 + room);
  const lift = Math.round(Math.max(0, Math.min(90, (590 - made.h) / 2.2)));
  const scene = ground.art + light(sheet, 800, 1130) + props.behind + made.art + props.front;
  const art = paper(category.tint, 800, 1000) + (lift ? `<g transform="translate(0-${lift})">${scene}</g>` : scene);
  return { svg: svg(sheet, 800, 1000, art, `<title>${escape(product.name)}</title>`), lettering: sheet.lettering };
}

/** The picture of a product as an SVG document. */
export const draw = (product, category, option) => sheetOf(product, category, option).svg;
