// One product, one picture: draw(product, category) gives a standalone SVG.
import { colour, lighter } from "./colour.mjs";
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
export const svg = (sheet, w, h, art, title = "") => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" font-family="${FONT}" text-anchor="middle">${title}<defs>${sheet.definitions()}</defs>${art}</svg>\n`;
const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** A product's thing with its shadows, its foot at x, y. */
export function thing(sheet, product, x, y, scale = 1) {
  const picture = product.picture;
  sheet.takeOutlines();
  const made = kinds[picture.kind](sheet, product, picture);
  const size = (made.grow ?? 1) * scale;
  const outlines = sheet.takeOutlines();
  const shadows = made.bare ? "" : sheet.cast(outlines) + sheet.contact(0, 0, made.w);
  return { art: `<g transform="translate(${n(x)} ${n(y)})scale(${Math.round(size * 100) / 100})">${shadows}${made.art}</g>`, w: made.w * size, h: made.h * size, bare: made.bare };
}

/** Where props stand: to the right in front, then to the left; leaning ones behind, to the right. */
function beside(sheet, picture, foot, made, from) {
  const layers = { behind: "", front: "" };
  const slots = [{ x: Math.min(676, 400 + made.w / 2 + 26), y: foot + 46, flip: false }, { x: Math.max(120, 400 - made.w / 2 - 20), y: foot + 52, flip: false }];
  const put = (layer, x, y, art, turn = "") => (layers[layer] += `<g transform="translate(${n(x)} ${n(y)})${turn}">${art}</g>`);
  for (const name of picture.props ?? []) {
    const [where, art] = prop(sheet, name, picture.fill ?? picture.colour);
    if (where === "none") continue;
    if (where === "lean") put("behind", Math.min(590, 400 + made.w * 0.3), foot - 8, art);
    else if (where === "above") put("behind", 176, foot - made.h + 110, art);
    else if (where === "moon") put("behind", 580, 210, art);
    else {
      const slot = where === "left" ? slots.pop() : slots.shift();
      if (slot) put("front", slot.x, slot.y, art);
    }
  }
  return layers;
}

/** The picture of a product, 4:5, as an SVG document. `option` picks one of `picture.options` (a colour, a shape). */
export function draw(product, category, option) {
  const picture = { ...product.picture, ...(option ? product.picture.options?.[option] : {}) };
  const shown = { ...product, picture };
  const sheet = new Sheet();
  const ground = stage(picture.stage, category.tint, colour(picture.accent ?? picture.colour));
  const made = thing(sheet, shown, 400, ground.foot, picture.scale ?? 1);
  const props = beside(sheet, picture, ground.props ?? ground.foot, made);
  const art = paper(sheet, category.tint, 800, 1000) + ground.art + light(sheet, 800, 1000) + props.behind + made.art + props.front;
  return Object.assign(new String(svg(sheet, 800, 1000, art, `<title>${escape(product.name)}</title>`)), { lettering: sheet.lettering }); 
}

export { lighter };
