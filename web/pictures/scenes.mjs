// Pictures that show no single product: one still life per category, the hero of the home page, the mark of the shop.
import { svg, thing } from "./draw.mjs";
import { n } from "./geometry.mjs";
import { leaf, prop } from "./props.mjs";
import { Sheet } from "./sheet.mjs";
import { light, paper, tones } from "./stages.mjs";

// What stands where: [product, x, y, scale], from the back to the front, and a prop in front.
const STILL_LIFES = {
  "vitamins-and-supplements": { shape: "arch", things: [["daily-greens", 440, 660, 0.9], ["magnesium-glycinate", 690, 690, 0.8]], props: [["orange", 905, 706, 1]] },
  "teas-and-infusions": { shape: "disc", things: [["whole-chamomile", 410, 656, 0.9], ["everyday-teapot", 700, 690, 0.92]], props: [["cup", 1000, 706, 1.1], ["tealeaves", 470, 716, 1]] },
  "skin-care": { shape: "hill", things: [["oat-cleansing-milk", 400, 660, 0.8], ["rosehip-face-oil", 860, 664, 0.78], ["sea-buckthorn-cream", 630, 700, 0.7]], props: [] },
  "hair-and-body": { shape: "window", things: [["bay-leaf-hand-wash", 400, 664, 0.84], ["rosemary-shampoo-bar", 700, 690, 0.84]], props: [["lemon", 960, 706, 1.1]] },
  "sleep-and-calm": { shape: "moon", things: [["lavender-pillow-mist", 370, 660, 0.8], ["flax-eye-pillow", 640, 690, 0.82], ["beeswax-candle", 920, 700, 0.66]], props: [] },
  movement: { shape: "arch", things: [["cork-massage-roller", 370, 650, 0.82], ["steel-water-flask", 890, 660, 0.8], ["natural-rubber-mat", 630, 700, 0.8]], props: [] },
  "kitchen-and-pantry": { shape: "hill", things: [["stoneground-oats", 400, 660, 0.88], ["apple-cider-vinegar", 670, 672, 0.84]], props: [["apple", 890, 704, 1.15]] },
  "first-aid": { shape: "disc", things: [["home-first-aid-kit", 520, 672, 0.94], ["aloe-vera-gel", 850, 680, 0.78]], props: [["gauze", 250, 708, 1.2], ["plasters", 680, 724, 1]] },
};

const behind = {
  arch: (t) => `<path d="M380 590V330a260 260 0 0 1 520 0V590z" fill="${t.edge}"/><path d="M424 590V330a260 260 0 0 1 238-258A260 260 0 0 1 900 330V590z" fill="${t.deep}"/>`,
  disc: (t) => `<circle cx="660" cy="360" r="280" fill="${t.pale}"/>`,
  hill: (t) => `<path d="M0 470C240 330 400 380 640 440S1000 500 1200 380V600H0z" fill="${t.deep}"/><path d="M0 560C300 450 620 500 840 540S1120 560 1200 530V600H0z" fill="${t.edge}"/>`,
  window: (t) => `<g fill="#FFFBF0" fill-opacity=".5"><path d="M560 60L780 10V260L560 310zM804 4L1024-46V204L804 254zM560 332L780 282V520L560 570zM804 276L1024 226V464L804 514z"/></g><path d="M0 590H1200" stroke="${t.pale}" stroke-width="7"/>`,
  moon: (t) => `<circle cx="690" cy="330" r="250" fill="${t.pale}"/><path d="M610 150A190 190 0 1 0 880 390A176 176 0 0 1 610 150" fill="#FFF4D6"/>`,
};

/** A group moved and scaled. */
const at = (x, y, scale, art) => `<g transform="translate(${n(x)} ${n(y)})scale(${scale})">${art}</g>`;

/** The picture of a category, 3:2. */
export function drawCategory(category, products) {
  const { shape, things, props } = STILL_LIFES[category.slug];
  const sheet = Object.assign(new Sheet(), { quiet: true });
  const t = tones(category.tint);
  const find = (id) => products.find((product) => product.id === id);
  const pieces = things.map(([id, x, y, scale]) => thing(sheet, find(id), x, y, scale).art).join("");
  const small = props.map(([name, x, y, scale]) => at(x, y, scale, prop(sheet, name, "moss")[1])).join("");
  const ground = paper(category.tint, 1200, 800) + behind[shape](t) + `<path d="M0 590H1200V800H0z" fill="${t.floor}"/>` + light(sheet, 1200, 800, false);
  return svg(sheet, 1200, 800, ground + pieces + small, `<title>${category.label}</title>`);
}

/** The hero of the home page, 4:3: a window on the orchard, and a few things on the sill. */
export function drawHero(products) {
  const sheet = Object.assign(new Sheet(), { quiet: true });
  const t = tones("#F3DFBA");
  const find = (id) => products.find((product) => product.id === id);
  const view = `<clipPath id="v"><path d="M500 860V470a330 330 0 0 1 660 0V860z"/></clipPath><path d="M456 860V470a374 374 0 0 1 748 0V860z" fill="${t.pale}"/><g clip-path="url(#v)"><path d="M400 0H1300V900H400z" fill="#F6D9A6"/><circle cx="930" cy="430" r="120" fill="#FFF3D2"/><path d="M400 600C600 470 780 540 900 580S1120 560 1300 500V900H400z" fill="#C9B878"/><path d="M400 690C560 600 720 640 860 670S1100 640 1300 620V900H400z" fill="#94A066"/><path d="M400 790C620 700 840 740 1300 720V900H400z" fill="#6C8455"/><g fill="#4E6F4A"><circle cx="580" cy="610" r="44"/><circle cx="1080" cy="600" r="48"/></g><path d="M580 640v44M1080 630v44" stroke="#5B4028" stroke-width="9"/></g>`;
  const sill = `<path d="M0 860H1600V1200H0z" fill="${t.floor}"/><path d="M0 860H1600v10H0z" fill="${t.pale}"/>`;
  const shared = `<defs><g id="k">${leaf(110, 37, "#648354", false)}</g><g id="m">${prop(sheet, "apple")[1].replace(/^<ellipse[^>]*>/, "").replace(/<g transform.*<\/g>$/s, '<use href="#k" transform="translate(8-160)rotate(64)scale(.7)"/>')}</g></defs>`;
  const leaves = [[70, 66, 150], [-20, 112, 200], [-84, 122, 262]].map(([x, y, turn]) => `<use href="#k" transform="translate(${x} ${y})rotate(${turn})"/>`).join("");
  const branch = `<g transform="translate(1230-30)"><path d="M230 0Q110 90-80 120M30 96L34 146" fill="none" stroke="#6B4A2E" stroke-width="15" stroke-linecap="round"/>${leaves}<use href="#m" x="24" y="316"/></g>`;
  const pieces = [["bay-leaf-hand-wash", 520, 980, 0.92], ["everyday-teapot", 880, 1020, 1.06]].map(([id, x, y, scale]) => thing(sheet, find(id), x, y, scale).art).join("");
  return svg(sheet, 1600, 1200, paper("#F3DFBA", 1600, 1200) + shared + view + sill + light(sheet, 1600, 1200, false) + branch + pieces + sheet.contact(1230, 1050, 190) + '<use href="#m" transform="translate(1230 1050)scale(1.15)"/>', "<title>A window on an orchard</title>");
}

const BODY = "M32 20C27 13 9 13 9 32C9 47 19 58 27 58C30 58 30 56.5 32 56.5C34 56.5 34 58 37 58C45 58 55 47 55 32C55 13 37 13 32 20z";

/** The mark of the shop: a russet apple with its rough coat, in a square of 64. */
export const drawLogo = () =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><title>Russet</title><clipPath id="a"><path id="b" d="${BODY}"/></clipPath><use href="#b" fill="#A44A22"/><g clip-path="url(#a)"><path d="M40 8C56 24 50 50 28 62H64V8z" fill="#7E3114"/><path d="M13 34Q13 22 23 19" fill="none" stroke="#E7A868" stroke-width="3" stroke-linecap="round"/><path d="M20 30h0M27 26h0M24 37h0M33 31h0M19 43h0M30 43h0M38 25h0M40 37h0M27 50h0M37 48h0M46 30h0M47 42h0" stroke="#EBB777" stroke-width="2.2" stroke-linecap="round"/></g><path d="M32 21Q31 14 34 8" fill="none" stroke="#4B2B1E" stroke-width="3" stroke-linecap="round"/><path d="M34 14C37 5 47 2 55 5C53 13 44 18 34 14" fill="#5C8A62"/><path d="M34 14C44 13 51 9 55 5C53 13 44 18 34 14" fill="#3E6B4F"/></svg>\n`;

/** The same mark for the smallest sizes, without the flecks. */
export const drawFavicon = () =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><title>Russet</title><clipPath id="a"><path id="b" d="${BODY}"/></clipPath><g transform="translate(-3-4)scale(1.09)"><use href="#b" fill="#B4532A"/><path d="M40 8C56 24 50 50 28 62H64V8z" fill="#8C3B1B" clip-path="url(#a)"/><path d="M32 21Q31 14 34 9" fill="none" stroke="#6B3A20" stroke-width="4.5" stroke-linecap="round"/><path d="M34 15C37 5 47 3 56 6C54 14 44 20 34 15" fill="#5C8A62"/></g></svg>\n`.replace("4.500", "4.5");

