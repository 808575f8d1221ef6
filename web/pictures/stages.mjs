// The ground a product stands on: paper in the category's tint, with one quiet shape behind.
import { mix } from "./colour.mjs";

const HORIZON = 752;

/** The tones of a category's ground. */
export const tones = (tint) => ({ wall: tint, pale: mix(tint, "#FFFBF2", 0.5), deep: mix(tint, "#9A5B34", 0.16), floor: mix(tint, "#8A5230", 0.1), edge: mix(tint, "#7A4424", 0.24) });

const fill = (d, tone, more = "") => `<path d="${d}" fill="${tone}"${more}/>`;
const floor = (t, y = HORIZON) => fill(`M0 ${y}H800V1130H0z`, t.floor);

const stages = {
  plain: (t) => ({ art: fill("M0 650Q400 800 800 650V1130H0z", t.floor, ' fill-opacity=".55"') + fill("M0 700Q400 830 800 700V1130H0z", t.floor), foot: 876 }),
  table: (t) => ({ art: floor(t) + fill(`M0 ${HORIZON}H800v7H0z`, t.pale), foot: 868 }),
  disc: (t, accent) => ({ art: `<circle cx="412" cy="440" r="290" fill="${mix(t.pale, accent, 0.24)}"/>` + floor(t), foot: 872 }),
  arch: (t) => ({ art: fill(`M150 ${HORIZON}V396a250 250 0 0 1 500 0V${HORIZON}z`, t.edge) + fill(`M196 ${HORIZON}V396a250 250 0 0 1 227-249A250 250 0 0 1 650 396V${HORIZON}z`, t.deep) + floor(t), foot: 872 }),
  window: (t) => ({ art: floor(t) + `<g fill="#FFFBF0" fill-opacity=".5">${["M96 150L300 92V366L96 424z", "M322 86L526 28V302L322 360z", "M96 446L300 388V640L96 698z", "M322 382L526 324V576L322 634z"].map((d) => `<path d="${d}"/>`).join("")}</g>`, foot: 872 }),
  hill: (t, accent) => ({ art: fill(`M0 560C160 430 300 470 430 540S680 620 800 500V${HORIZON + 8}H0z`, t.deep) + fill(`M0 690C200 600 420 640 560 690S740 720 800 680V${HORIZON + 8}H0z`, mix(t.edge, accent, 0.2)) + floor(t), foot: 872 }),
  plinth: (t) => ({ art: floor(t, 790) + `<ellipse cx="430" cy="972" rx="400" ry="60" fill="#210" fill-opacity=".1"/>` + fill("M96 838V952a304 54 0 0 0 608 0V838z", t.deep) + fill("M560 870V996A304 54 0 0 0 704 952V838z", "#210", ' fill-opacity=".1"') + `<ellipse cx="400" cy="838" rx="304" ry="54" fill="${t.pale}"/>`, foot: 846, props: 856 }),
};

/** {art, foot}: the drawn ground and the height at which the product touches it. */
export const stage = (name, tint, accent) => (stages[name] ?? stages.table)(tones(tint), accent);

/** The paper itself, with the soft light from the upper left. */
export const paper = (tint, w, h) => `<path d="M0 0H${w}V${h}H0z" fill="${tint}"/>`;
export const light = (sheet, w, h, grain = true) => `${grain ? `<path d="M0 0H${w}V${h}H0z" fill="${sheet.ref("P")}"/>` : ""}<path d="M0 0H${w}V${h}H0z" fill="${sheet.ref("W")}"/>`;
