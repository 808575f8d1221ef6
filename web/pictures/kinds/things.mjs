// Tools, cloth and plants: brushes, mats, rollers, bands, blocks, balls, ropes, stones, masks, pillows, blankets, warmers, kits, herbs.
import { colour, darker, isLight, lighter, mix } from "../colour.mjs";
import { box, chance, n, oval, poly, pt } from "../geometry.mjs";
import { belly, column, tag } from "../label.mjs";
import { cuboid } from "./paper.mjs";

const cork = (sheet) => `<path d="M-400-700H400V60H-400z" fill="${sheet.ref("K")}"/>`;
const grain = (lines) => `<path d="${lines}" fill="none" stroke="#5b3213" stroke-opacity=".24" stroke-width="3"/>`;

/** A piece with a swing tag on a string from (x, y). */
const hang = (sheet, product, x, y, turn, more) => `<path d="M${pt(x - 46, y - 22)}Q${pt(x - 6, y - 50, x, y + 12)}" fill="none" stroke="${colour("russet")}" stroke-width="3"/><g transform="translate(${n(x)} ${n(y)})rotate(${turn})">${tag(sheet, product, more)}</g>`;

export function brush(sheet, product, picture) {
  const tone = picture.colour;
  if (picture.shape === "paddle") {
    const handle = sheet.solid(poly([[-30, -250], [30, -250], [26, -150, 40], [34, -40, 30], [24, 0, 24], [-24, 0, 24], [-34, -40, 30], [-26, -150, 40]]), tone, { x0: -34, x1: 34, light: 0.3 });
    const pins = Array.from({ length: 7 }, (_, row) => Array.from({ length: 5 - (row % 2) }, (_, at) => `M${pt(-68 + at * 34 + (row % 2) * 17, -530 + row * 40)}h0`).join("")).join("");
    const head = sheet.solid(box(-126, -590, 252, 362, 84), tone, { x0: -126, x1: 126, shade: 0.8, light: 0.3, inside: grain("M-130-560Q0-600 130-560M-130-250Q0-220 130-260") + `<path d="${box(-98, -562, 196, 306, 66)}" fill="${colour(picture.accent)}"/><path d="${pins}" stroke="#210" stroke-opacity=".25" stroke-width="15" stroke-linecap="round" transform="translate(4 5)"/><path d="${pins}" stroke="${colour("sisal")}" stroke-width="14" stroke-linecap="round"/>` });
    return { art: `<g transform="rotate(7)">${handle}${head}</g>` + hang(sheet, product, 84, -190, -6, { w: 150, h: 178, mark: "leaf" }), w: 250, h: 610 };
  }
  const handle = sheet.solid(poly([[-24, -330], [24, -330], [22, -200, 60], [32, -40, 40], [20, 0, 20], [-20, 0, 20], [-32, -40, 40], [-22, -200, 60]]), tone, { x0: -32, x1: 32, light: 0.3, inside: grain("M-8-320Q-2-160-10 0M10-320Q6-160 12 0") });
  const random = chance(product.id);
  const bristles = Array.from({ length: 90 }, () => { const a = random() * 6.283, r = Math.sqrt(random()); return `M${pt(76 * r * Math.cos(a), -466 + 122 * r * Math.sin(a))}l${pt(5, 8)}`; }).join("");
  const head = sheet.solid(oval(0, -466, 116, 164), tone, { x0: -116, x1: 116, shade: 0.84, light: 0.3, inside: grain("M-120-600Q0-640 120-600") + `<ellipse cy="-466" rx="90" ry="136" fill="${colour(picture.accent)}"/><path d="${bristles}" stroke="${darker(picture.accent, 0.3)}" stroke-width="5" stroke-linecap="round"/><path d="M-60-560Q-20-596 30-584" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="14" stroke-linecap="round"/>` });
  return { art: `<g transform="rotate(-9)">${handle}${head}</g>` + hang(sheet, product, 74, -220, -6, { w: 150, h: 178, mark: "wheat" }), w: 240, h: 660 };
}

export function mat(sheet, product, picture) {
  const tone = picture.colour;
  const flatPart = sheet.flat("M-250 10L180-20L128 62L-316 100z", lighter(tone, 0.1)) + `<path d="M-316 100L128 62V72L-316 110z" fill="${darker(tone, 0.35)}"/><path d="M-240 12L170-16L156 14L-262 44z" fill="#210" fill-opacity=".2"/>`;
  const roll = sheet.solid(poly([[-250, -206, 30], [170, -250], [170, 0], [-250, 30, 30]]), tone, { x0: -250, x1: 200, shade: "M-300 10L200-90V60H-300z", light: 0, cast: false, inside: `<path d="M-300-168L200-222" stroke="#fff" stroke-opacity=".28" stroke-width="26"/>` });
  const band = `<g transform="skewY(-6)"><g transform="translate(-62-2)">${belly(sheet, product, { y: -224, w: 188, h: 240, wrap: 188, mark: picture.emblem })}<path d="M-94-60H94V16H-94z" fill="#210" fill-opacity=".13"/></g></g>`;
  const end = `<ellipse cx="170" cy="-125" rx="84" ry="126" fill="${lighter(tone, 0.16)}"/><path d="M170-232a72 108 0 1 1-58 170a58 88 0 1 1 104-128a46 70 0 1 1-84 100a34 52 0 1 1 62-76a22 34 0 1 1-40 46a12 18 0 0 1 20-24" fill="none" stroke="${darker(tone, 0.3)}" stroke-width="7" stroke-linecap="round"/>`;
  return { art: sheet.contact(-20, 20, 480) + flatPart + roll + band + end, w: 480, h: 330, bare: true };
}

export function roller(sheet, product, picture) {
  const body = sheet.solid("M-130-400V-20Q-130 30 0 30Q130 30 130-20V-400z", picture.colour, { x0: -130, x1: 130, light: 0.4, inside: cork(sheet) + belly(sheet, product, { y: -308, w: 216, h: 220, wrap: 280 }) });
  const top = `<ellipse cy="-400" rx="130" ry="44" fill="${lighter(picture.colour, 0.35)}"/><ellipse cy="-400" rx="130" ry="44" fill="${sheet.ref("K")}" opacity=".7"/><ellipse cy="-400" rx="44" ry="14" fill="${darker(picture.colour, 0.45)}"/>`;
  return { art: body + top, w: 270, h: 440 };
}

export function bands(sheet, product, picture) {
  const loop = (x, y, tone, tall, turn) => `<g transform="translate(${x} ${y})rotate(${turn})"><path d="M-40 4V${tall}a40 40 0 0 0 80 0V4" fill="none" stroke="${darker(tone, 0.25)}" stroke-width="40" transform="translate(7-4)"/><path d="M-40 0V${tall}a40 40 0 0 0 80 0V0a40 34 0 0 0-80 0z" fill="none" stroke="${colour(tone)}" stroke-width="42"/><path d="M-46 0V${tall}M34 0V${tall}" stroke="#fff" stroke-opacity=".3" stroke-width="5" stroke-dasharray="9 7"/></g>`;
  const rail = sheet.solid(box(-270, -610, 540, 62, 14), "wood", { x0: -270, x1: 270, shade: "M-280-566H280V-540H-280z", light: 0, cast: false, inside: grain("M-270-590Q0-604 270-586M-270-574Q0-568 270-580") });
  const peg = (x) => `<circle cx="${x}" cy="-560" r="23" fill="${darker("wood", 0.25)}"/><circle cx="${x - 3}" cy="-565" r="20" fill="${lighter("wood", 0.3)}"/>`;
  const shadows = `<g fill="none" stroke="#210" stroke-opacity=".09" stroke-width="42"><path d="M-176-520V-250a40 40 0 0 0 80 0V-520M4-520V-190a40 40 0 0 0 80 0V-520M184-520V-270a40 40 0 0 0 80 0V-520" /></g><path d="M-256-600H292V-530H-256z" fill="#210" fill-opacity=".1"/>`;
  const loops = loop(-168, -545, picture.colour, 270, 1.5) + loop(2, -545, picture.second, 340, -1) + loop(172, -545, picture.accent, 250, -2);
  return { art: shadows + rail + loops + peg(-168) + peg(2) + peg(172) + `<g transform="translate(2-372)">${sheet.flat("M-76-6H76V146H-76z", "paper")}<path d="M52-6H76V146H52z" fill="#210" fill-opacity=".08"/>${column(sheet, product, 0, 10, 128, 122, colour("ink"), { second: colour("terracotta") })}</g>`, w: 410, h: 440, bare: true, floating: true };
}

export function block(sheet, product, picture) {
  const print = column(sheet, product, 0, -162, 290, 136, colour("cocoa"), { second: colour("cocoa"), mark: null });
  const lower = cuboid(sheet, 380, 186, picture.colour, cork(sheet) + print, { side: 74, rise: 30, r: 10, more: cork(sheet) });
  const upper = `<g transform="translate(-14-188)">${cuboid(sheet, 210, 290, lighter(picture.colour, 0.1), cork(sheet) + `<g transform="translate(0-150)" fill="none" stroke="${darker("walnut", 0.1)}" stroke-width="4" opacity=".75"><circle r="52"/><path d="M-52 8q26-26 52 0t52 0M-30-14a32 32 0 0 1 60 0"/></g>`, { side: 74, rise: 30, r: 10, more: cork(sheet) })}</g>`;
  return { art: lower + upper, w: 460, h: 500 };
}

export function balls(sheet, product, picture) {
  const ball = (cx, r) => sheet.solid(oval(cx, -r, r), picture.colour, { x0: cx - r, x1: cx + r, light: 0, inside: cork(sheet) + `<circle cx="${n(cx - r * 0.3)}" cy="${n(-r * 1.34)}" r="${n(r * 0.5)}" fill="#fff" fill-opacity=".22"/>`, shade: `M${pt(cx - r - 40, -2 * r - 40)}H${n(cx + r + 40)}V40H${n(cx - r - 40)}z${oval(cx - r * 0.26, -r * 1.2, r * 1.08)}`, deep: 0.2 });
  const cuff = "M-64-304Q-98-262-110-200Q-134-90-116-22Q-108 4-70 4H150Q188 4 194-22Q210-90 186-200Q176-262 142-304Q158-330 176-350Q150-342 134-354Q112-342 92-356Q66-342 40-356Q14-342-8-356Q-30-342-54-356Q-74-344-98-350Q-80-330-64-304z";
  const pouch = `<g transform="translate(104-6)scale(1.12)">${sheet.solid(cuff, "muslin", { x0: -120, x1: 200, shade: 0.76, light: 0.35, cast: false, inside: `<path d="M-20-296Q-50-220-56-150M90-296Q120-230 130-160M30-300Q26-250 28-214" fill="none" stroke="#210" stroke-opacity=".14" stroke-width="5"/>` })}<path d="M-66-306Q38-286 144-306" fill="none" stroke="${colour(picture.accent)}" stroke-width="10" stroke-linecap="round"/>${column(sheet, product, 40, -206, 196, 178, darker(picture.accent, 0.35), { mark: "hills" })}</g>`;
  return { art: `<g transform="translate(-40 0)">` + sheet.contact(130, 0, 330) + pouch + `<g transform="translate(-158 22)">${sheet.contact(0, 0, 220)}${ball(0, 112)}</g><g transform="translate(-26 60)">${sheet.contact(0, 0, 140)}${ball(0, 68)}</g></g>`, w: 470, h: 420, bare: true };
}

export function rope(sheet, product, picture) {
  const coil = (ry, dx, turn) => `<ellipse cx="${dx}" cy="-290" rx="${ry}" ry="${ry * 1.12}" transform="rotate(${turn} ${dx}-290)" fill="none"/>`;
  const loops = coil(178, 0, 0) + coil(164, 9, 8) + coil(186, -6, -9);
  const rope = `<g stroke="#210" stroke-opacity=".13" stroke-width="19" transform="translate(16 12)">${loops}</g><g stroke="${darker("muslin", 0.2)}" stroke-width="19">${loops}</g><g stroke="${colour("muslin")}" stroke-width="13">${loops}</g><g stroke="${darker("muslin", 0.24)}" stroke-width="12" stroke-dasharray="3 13">${loops}</g>`;
  const bind = `<path d="M-30-520h60v58h-60z" fill="${colour(picture.accent)}" transform="translate(0 12)"/><path d="M-30-486h60M-30-470h60" stroke="#fff" stroke-opacity=".3" stroke-width="3"/>`;
  const handle = (x, turn) => `<g transform="translate(${x}-34)rotate(${turn})">${sheet.solid(poly([[-13, -230, 8], [13, -230, 8], [17, -190, 12], [25, -120, 50], [20, -30, 30], [25, 0, 14], [-25, 0, 14], [-20, -30, 30], [-25, -120, 50], [-17, -190, 12]]), picture.colour, { x0: -25, x1: 25, light: 0.4, cast: false, inside: `<path d="M-30-186H30M-30-34H30" stroke="${colour(picture.accent)}" stroke-width="9"/>` })}</g>`;
  const label = `<path d="M0-470V-340" stroke="${colour("russet")}" stroke-width="3"/><g fill="#210" fill-opacity=".1"><path d="M-88-340H104V-148H-88z"/></g><g transform="translate(0-356)">${tag(sheet, product, { w: 190, h: 200, mark: "hills" })}</g>`;
  return { art: sheet.contact(0, -20, 360) + rope + bind + handle(-120, -12) + handle(124, 15) + label, w: 380, h: 480, bare: true };
}

export function stone(sheet, product, picture) {
  const tone = picture.colour;
  const card = `<g transform="translate(70-40)rotate(3)"><path d="M-150-470H150V0H-150z" fill="${colour("paper")}"/><path d="M104-470H150V0H104z" fill="#210" fill-opacity=".06"/><path d="M-136-456H136V-14H-136z" fill="none" stroke="${colour(picture.accent)}" stroke-opacity=".45" stroke-width="2"/>${column(sheet, product, 0, -432, 240, 150, colour("ink"), { second: darker(picture.accent, 0.2), mark: null, largest: 42 })}</g>`;
  const d = "M-190-150C-196-250-120-286-64-240C-40-220-20-214 8-226C86-262 168-216 160-128C152-40 70 0-20 0C-120 0-184-60-190-150z";
  const veins = `<path d="M-180-110Q-90-170-20-120T150-150M-150-60Q-70-90 0-60T120-70M-120-220Q-90-190-100-150" fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="7" stroke-linecap="round"/>`;
  return { art: sheet.contact(80, -40, 320, 0.7) + card + sheet.contact(-20, 4, 340) + sheet.solid(d, tone, { x0: -190, x1: 160, shade: "M40-300Q96-150 0 20H240V-300z", deep: 0.12, light: 0.35, inside: veins }) + `<path d="M-160-190Q-130-244-84-232" fill="none" stroke="#fff" stroke-opacity=".7" stroke-width="12" stroke-linecap="round"/>`, w: 360, h: 500, bare: true };
}

export function mask(sheet, product, picture) {
  const tone = picture.colour;
  const d = "M-236-110C-250-186-176-212-110-204C-60-198-30-190 0-190C30-190 60-198 110-204C176-212 250-186 236-110C224-40 150-2 96-6C44-10 34-70 0-74C-34-70-44-10-96-6C-150-2-224-40-236-110z";
  const boxLid = cuboid(sheet, 400, 150, "paper", `<path d="M-230-12H230" stroke="${colour(picture.accent)}" stroke-width="4"/>` + column(sheet, product, 0, -132, 320, 108, colour("ink"), { second: mix(tone, "ink", 0.35), mark: null, largest: 44 }), { side: 70, rise: 28 });
  const band = `<path d="M-228-130C-300-300-60-372 90-330C210-296 276-250 232-130" fill="none" stroke="${darker(tone, 0.28)}" stroke-width="25"/><path d="M-228-134C-290-296-60-366 90-325" fill="none" stroke="#fff" stroke-opacity=".14" stroke-width="7"/>`;
  const face = sheet.solid(d, tone, { x0: -236, x1: 236, shade: "M120-220Q190-110 60 10H260V-220z", deep: 0.16, light: 0.25, inside: `<path d="${d}" fill="none" stroke="${isLight(tone) ? colour("clay") : lighter(tone, 0.45)}" stroke-width="13"/><path d="M-170-128q34 34 80 4M90-124q44 30 80-4" fill="none" stroke="${isLight(tone) ? colour("clay") : lighter(tone, 0.55)}" stroke-width="5" stroke-linecap="round"/>` });
  return { art: sheet.contact(0, 2, 450) + boxLid + `<g transform="translate(-4-178)rotate(-3)">${band}${face}</g>`, w: 460, h: 520, bare: true };
}

export function pillow(sheet, product, picture) {
  const d = "M-232-8Q-222-34-224-76T-236-146Q-200-138-160-150Q0-182 160-150Q200-138 236-146Q222-118 224-76T232-8Q200-16 160-6Q0 14-160-6Q-200-16-232-8z";
  const weave = sheet.quiet ? "" : `<path d="${Array.from({ length: 9 }, (_, at) => `M-240 ${-156 + at * 18}H240`).join("")}" stroke="#7a5a30" stroke-opacity=".13" stroke-width="3"/><path d="M-214-130Q-150-110-110-120M214-24Q160-44 120-34M-210-20Q-170-40-130-36M206-128Q170-116 140-122" fill="none" stroke="#210" stroke-opacity=".16" stroke-width="5" stroke-linecap="round"/>`;
  const cushion = (tone, cast, inside) => sheet.solid(d, tone, { x0: -236, x1: 236, shade: "M-260-40Q60 4 170-60Q200-90 190-170H260V40H-260z", deep: 0.13, light: 0.22, cast, inside: weave + inside });
  const sewn = `<path d="M-122-142H122V-18H-122z" fill="${colour("paper")}"/><path d="M-114-134H114V-26H-114z" fill="none" stroke="${colour(picture.accent)}" stroke-opacity=".6" stroke-width="2.5" stroke-dasharray="8 6"/>${column(sheet, product, 0, -126, 190, 94, colour("ink"), { second: colour(picture.accent), mark: null, largest: 42 })}`;
  return { art: `<g transform="translate(6-146)rotate(-5)">${cushion(picture.accent, false, "")}</g>` + cushion(picture.colour, true, `<path d="M-240-160H240v30H-240z" fill="#210" fill-opacity=".14"/>` + sewn), w: 460, h: 310 };
}

export function blanket(sheet, product, picture) {
  const tone = picture.colour;
  const quilt = `<path d="M-170-80V10M-86-80V10M-2-80V10M82-80V10M166-80V10" stroke="#fff" stroke-opacity=".3" stroke-width="3" stroke-dasharray="7 7"/>`;
  const layer = (at, dx, shade) => `<g transform="translate(${dx} ${at * -66})">${sheet.solid("M-208-76H236V0H-208Q-246-4-246-38T-208-76z", shade, { x0: -246, x1: 236, shade: "M-260-20Q-120-12 250-12V10H-260z", deep: 0.2, light: 0, cast: at === 0, inside: `${quilt}<path d="M-250-66H250" stroke="#fff" stroke-opacity=".16" stroke-width="9"/>` })}</g>`;
  const folds = [0, 1, 2, 3, 4, 5].map((at) => layer(at, [0, 7, -3, 5, -5, 2][at], at % 2 ? lighter(tone, 0.12) : tone)).join("");
  const ink = isLight(tone) ? colour("clay") : colour(tone);
  const band = `<g transform="translate(24 0)"><path d="M-104-408H104V2H-104z" fill="${colour("paper")}"/><path d="M-104-66H104M-104-132H104M-104-198H104M-104-264H104M-104-330H104" stroke="#210" stroke-opacity=".06" stroke-width="6"/><path d="M-94-408V2M94-408V2" stroke="${ink}" stroke-opacity=".6" stroke-width="3"/><path d="M60-408H104V2H60z" fill="#210" fill-opacity=".08"/>${column(sheet, product, 0, -360, 168, 310, colour("ink"), { second: ink, mark: "moon" })}</g>`;
  return { art: folds + `<path d="M170-408H238V2H170z" fill="#210" fill-opacity=".1"/>` + band, w: 480, h: 410 };
}

export function warmer(sheet, product, picture) {
  const tone = picture.colour;
  const d = "M-46-470Q-52-430-60-410Q-176-396-182-320V-70Q-182 0-110 0H110Q182 0 182-70V-320Q176-396 60-410Q52-430 46-470z";
  const knit = `<path d="${Array.from({ length: 9 }, (_, at) => `M${-176 + at * 44}-400V10`).join("")}" stroke="#210" stroke-opacity=".1" stroke-width="18"/><path d="${Array.from({ length: 9 }, (_, at) => `M${-176 + at * 44}-420V10`).join("")}" stroke="#fff" stroke-opacity=".2" stroke-width="20" stroke-dasharray="3 15" stroke-linecap="round"/>`;
  const neck = sheet.solid(poly([[-60, -540, 8], [60, -540, 8], [38, -466], [-38, -466]]), darker(tone, 0.32), { x0: -60, x1: 60, light: 0.2 }) + sheet.solid(box(-30, -584, 60, 48, 12), "steel", { x0: -30, x1: 30, light: 0.4 });
  const collar = sheet.solid(box(-74, -486, 148, 84, 24), lighter(tone, 0.1), { x0: -74, x1: 74, light: 0.25, inside: `<path d="M-54-500v110M-32-500v110M-10-500v110M12-500v110M34-500v110M56-500v110" stroke="#210" stroke-opacity=".16" stroke-width="6"/>` });
  const patch = `<path d="M-106-306H106V-84H-106z" fill="${colour("paper")}"/><path d="M-97-297H97V-93H-97z" fill="none" stroke="${isLight(tone) ? colour("russet") : colour(tone)}" stroke-width="3" stroke-dasharray="9 7"/>` + column(sheet, product, 0, -282, 160, 176, colour("ink"), { second: isLight(tone) ? colour("russet") : colour(tone) });
  return { art: neck + sheet.solid(d, tone, { x0: -182, x1: 182, shade: 0.8, light: 0.3, inside: knit + patch }) + collar, w: 360, h: 590 };
}

export function kit(sheet, product, picture) {
  const tone = picture.colour;
  const handle = `<path d="M-92-330C-92-424 92-424 92-330" fill="none" stroke="${colour("cocoa")}" stroke-width="22"/><path d="M-92-330C-92-418 92-418 92-330" fill="none" stroke="${colour("kraft")}" stroke-width="13"/>`;
  const zip = `<path d="M-240-258Q0-276 240-258" fill="none" stroke="#210" stroke-opacity=".4" stroke-width="11"/><path d="M-240-258Q0-276 240-258" fill="none" stroke="${colour("kraft")}" stroke-width="6" stroke-dasharray="5 5"/><path d="M150-262l12 44h-22z" fill="${colour("kraft")}"/>`;
  const pocket = `<path d="M-168-214H168V-30Q168-14 150-14H-150Q-168-14-168-30z" fill="${colour("paper")}"/><path d="M-158-204H158V-24H-158z" fill="none" stroke="${colour(tone)}" stroke-width="3" stroke-dasharray="10 7"/>` + column(sheet, product, 0, -190, 280, 150, colour("ink"), { second: colour(tone), largest: 44 });
  return { art: handle + sheet.solid(poly([[-214, -334, 60], [214, -334, 60], [234, 0, 44], [-234, 0, 44]]), tone, { x0: -234, x1: 234, shade: 0.82, light: 0.3, inside: zip + pocket }), w: 460, h: 400 };
}

const HERBS = {
  basil: { tone: "#5F8F47", length: 84, width: 44, pairs: [[-70, 0.8, 70], [-150, 1, 62], [-222, 0.9, 52], [-262, 0.7, 34]] },
  mint: { tone: "#4A8560", length: 70, width: 28, pairs: [[-50, 0.8, 74], [-108, 1, 68], [-164, 0.95, 62], [-214, 0.8, 54], [-252, 0.6, 40]] },
  thyme: { tone: "#86A07C", length: 34, width: 12, pairs: [[-40, 1, 62], [-78, 1.1, 58], [-116, 1.1, 62], [-154, 1.1, 56], [-190, 1, 60], [-224, 1, 52], [-254, 0.9, 44]] },
};

export function plant(sheet, product, picture) {
  const herb = HERBS[picture.shape] ?? HERBS.basil;
  const [leaf, stem] = [sheet.id(), sheet.id()];
  const { length: l, width: w, tone } = herb;
  const blade = `<g id="${leaf}"><path d="M0 0C${pt(-w, -l * 0.3, -w * 0.7, -l * 0.8, 0, -l)}C${pt(w * 0.7, -l * 0.8, w, -l * 0.3, 0, 0)}" fill="${tone}"/><path d="M0 0C${pt(w, -l * 0.3, w * 0.7, -l * 0.8, 0, -l)}z" fill="#142a14" fill-opacity=".2"/></g>`;
  const use = (y, size, turn) => `<use href="#${leaf}" transform="translate(0 ${y})rotate(${turn})scale(${size})"/>`;
  const stalk = `<g id="${stem}"><path d="M0 0V-270" stroke="${darker(tone, 0.3)}" stroke-width="6"/>${herb.pairs.map(([y, size, turn]) => use(y, size, -turn) + use(y, size, turn)).join("")}${use(-264, 0.75, 0)}</g>`;
  const stalks = [[-54, -34, 0.82], [56, 36, 0.8], [-18, -12, 1.12], [30, 16, 1.08], [-40, -24, 0.66], [42, 22, 0.62], [2, 2, 0.9]];
  const herbs = `<defs>${blade}${stalk}</defs>` + stalks.map(([x, turn, size]) => `<use href="#${stem}" transform="translate(${x}-240)rotate(${turn})scale(${size})"/>`).join("");
  const saucer = sheet.solid(poly([[-158, -26, 6], [158, -26, 6], [140, 2, 12], [-140, 2, 12]]), darker(picture.colour, 0.08), { x0: -158, x1: 158, light: 0.3 });
  const bowl = sheet.solid(poly([[-132, -206], [132, -206], [106, -14, 14], [-106, -14, 14]]), picture.colour, { x0: -132, x1: 132, light: 0.3, inside: column(sheet, product, 0, -180, 184, 152, colour("cream"), { mark: null, largest: 44 }) });
  const rim = sheet.solid(box(-148, -256, 296, 58, 8), lighter(picture.colour, 0.08), { x0: -148, x1: 148, light: 0.35 });
  return { art: saucer + herbs + bowl + rim, w: 320, h: 570 };
}
