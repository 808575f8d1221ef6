// Tin and paper: tins, boxes, bags, bars of soap and chocolate, rolls of gauze.
import { colour, darker, lighter } from "../colour.mjs";
import { box, n, oval, poly, pt } from "../geometry.mjs";
import { belly, column, label } from "../label.mjs";

const lid = (sheet, x, y, h, tone) => sheet.solid(box(-x, y - h, 2 * x, h + 2, 10), tone, { x0: -x, x1: x, light: 0.4, inside: `<path d="M${-x}${n(y - 5)}h${2 * x}" stroke="#210" stroke-opacity=".3" stroke-width="5"/>` });

export function tin(sheet, product, picture) {
  const tone = picture.colour;
  if (picture.shape === "caddy") {
    const body = sheet.solid(box(-126, -336, 252, 336, 12), tone, { x0: -126, x1: 126, light: 0.5, inside: `<path d="M-130-22H130v8H-130zM-130-318H130v8H-130z" fill="${colour(picture.accent)}" fill-opacity=".55"/>` + label(sheet, product, { y: -300, w: 204, h: 268 }) });
    return { art: body + lid(sheet, 132, -332, 78, lighter(tone, 0.1)), w: 256, h: 410 };
  }
  if (picture.shape === "round") {
    const body = sheet.solid(box(-150, -262, 300, 262, 16), tone, { x0: -150, x1: 150, light: 0.4, inside: label(sheet, product, { y: -236, w: 218, h: 218 }) });
    return { art: body + lid(sheet, 156, -256, 66, darker(tone, 0.12)), w: 304, h: 322 };
  }
  if (picture.shape === "open") {
    const print = column(sheet, product, 0, -100, 196, 196, colour("ink"), { second: darker(picture.accent, 0.35), largest: 40 });
    const upright = `<g transform="translate(96-190)rotate(9)">${sheet.solid(oval(0, 0, 168), tone, { x0: -168, x1: 168, shade: 0.74, light: 0.6, cast: false })}<circle r="146" fill="${colour("paper")}"/><circle r="138" fill="none" stroke="${colour(picture.accent)}" stroke-width="3"/>${print}</g>`;
    const body = sheet.solid("M-270-76V-22A164 38 0 0 0 58-22V-76z", tone, { x0: -270, x1: 58, light: 0.6 });
    const balm = `<ellipse cx="-106" cy="-76" rx="164" ry="46" fill="${lighter("steel", 0.4)}"/><ellipse cx="-106" cy="-72" rx="150" ry="38" fill="${colour(picture.fill)}"/><path d="M-200-80Q-150-104-90-90T30-92" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="9" stroke-linecap="round"/>`;
    return { art: sheet.contact(96, -22, 300, 0.8) + upright + sheet.contact(-106, 6, 330) + body + balm, w: 420, h: 360, bare: true };
  }
  if (picture.shape === "slide") {
    const tray = sheet.solid(box(-196, -452, 330, 230, 34), lighter("steel", 0.35), { x0: -196, x1: 134, light: 0.3, shade: 0.9, inside: `<path d="M-150-424h0M-84-424h0M-18-424h0M48-424h0M-116-376h0M-50-376h0M16-376h0M82-376h0" stroke="${colour("butter")}" stroke-width="52" stroke-linecap="round"/><path d="M-158-432h0M-92-432h0M-26-432h0M40-432h0M-124-384h0M-58-384h0M8-384h0M74-384h0" stroke="#fff" stroke-opacity=".6" stroke-width="16" stroke-linecap="round"/>` });
    const front = sheet.solid(box(-174, -340, 348, 340, 36), tone, { x0: -174, x1: 174, light: 0.5, shade: 0.78, inside: `<rect x="-156" y="-322" width="312" height="304" rx="22" fill="none" stroke="${colour(picture.accent)}" stroke-opacity=".55" stroke-width="3"/>` + label(sheet, product, { y: -296, w: 256, h: 258, style: "print" }) });
    return { art: tray + front, w: 350, h: 450 };
  }
  const tray = `<g>${sheet.solid(box(-176, -440, 352, 240, 26), lighter(tone, 0.14), { x0: -176, x1: 176, shade: 0.8, light: 0.3, inside: `<rect x="-154" y="-420" width="308" height="240" rx="14" fill="${lighter("steel", 0.4)}"/><path d="M-120-330v-72M-60-350v-46M0-336v-68M60-352v-48M118-332v-70" stroke="#DDAF8B" stroke-width="46" stroke-linecap="round"/><path d="M-120-352v-22M-60-364v-18M0-356v-24M60-366v-20M118-354v-26" stroke="#fff" stroke-opacity=".55" stroke-width="34"/>` })}</g>`;
  const front = sheet.solid(box(-190, -318, 380, 318, 30), tone, { x0: -190, x1: 190, shade: 0.76, light: 0.4, inside: `<path d="M-200-258H200" stroke="#210" stroke-opacity=".25" stroke-width="5"/>` + label(sheet, product, { y: -236, w: 270, h: 212, style: "print" }) });
  return { art: tray + front, w: 380, h: 440 };
}

/** A cuboid seen a little from the right: front, side, top. */
export function cuboid(sheet, w, h, tone, inside = "", { side = 78, rise = 30, r = 0, more = "" } = {}) {
  const [x0, x1] = [-w / 2 - side / 2, w / 2 - side / 2];
  const top = sheet.flat(poly([[x0, -h], [x0 + side, -h - rise], [x1 + side, -h - rise], [x1, -h]]), lighter(tone, 0.22));
  const right = sheet.solid(poly([[x1, -h], [x1 + side, -h - rise], [x1 + side, -rise], [x1, 0]]), darker(tone, 0.24), { x0: x1, x1: x1 + side, shade: 1, light: 0, inside: more });
  return top + right + sheet.solid(box(x0, -h, w, h, r), tone, { x0, x1, shade: 1, light: 0.22, inside: `<g transform="translate(${n(-side / 2)} 0)">${inside}</g>` });
}

export function carton(sheet, product, picture) {
  const tone = picture.colour;
  const accent = colour(picture.accent);
  if (picture.shape === "tall") {
    const frame = `<rect x="-116" y="-404" width="232" height="388" fill="none" stroke="${accent}" stroke-opacity=".6" stroke-width="2.5"/>`;
    return { art: cuboid(sheet, 264, 420, tone, frame + label(sheet, product, { y: -378, w: 196, h: 336 })), w: 340, h: 450 };
  }
  if (picture.shape === "cube") {
    const inside = `<path d="M-200-300l60 60-60 60zM-200-180l60 60-60 60zM200-300l-60 60 60 60zM200-180l-60 60 60 60z" fill="${colour("cream")}" fill-opacity=".2"/>`;
    return { art: cuboid(sheet, 318, 318, tone, inside + label(sheet, product, { y: -282, w: 226, h: 246 }), { side: 92, rise: 38 }), w: 410, h: 356 };
  }
  if (picture.shape === "sleeve") {
    const drawer = `<g transform="translate(0 0)">${cuboid(sheet, 300, 292, lighter("kraft", 0.2), "", { side: 70, rise: 28 })}</g>`;
    const front = `<g transform="translate(34 0)">${cuboid(sheet, 300, 300, tone, label(sheet, product, { y: -252, w: 262, h: 204, wrap: 330 }), { side: 74, rise: 30 })}</g>`;
    return { art: `<g transform="translate(-66 0)">${drawer}</g>` + front, w: 440, h: 330 };
  }
  const waves = `<path d="M-200-26q25-34 50 0t50 0t50 0t50 0t50 0t50 0t50 0t50 0V40H-200z" fill="${accent}"/>`;
  return { art: cuboid(sheet, 360, 288, tone, waves + label(sheet, product, { y: -264, w: 292, h: 204 }), { side: 84, rise: 34 }), w: 440, h: 322 };
}

export function bag(sheet, product, picture) {
  const tone = picture.colour;
  if (picture.shape === "pouch" || picture.shape === "spout") {
    const d = "M-142-456Q0-452 142-456Q152-250 166-36Q120 4 0 4Q-120 4-166-36Q-152-250-142-456z";
    const seal = `<path d="M-170-412H170M-170-424H170" stroke="#fff" stroke-opacity=".28" stroke-width="4"/><path d="M-170-30Q0 26 170-30V30H-170z" fill="#210" fill-opacity=".16"/><path d="M-128-400Q-150-220-120-50M132-400Q116-220 142-60" fill="none" stroke="#fff" stroke-opacity=".16" stroke-width="7"/>`;
    const spout = picture.shape === "spout" ? sheet.solid(box(-28, -500, 56, 50, 4), "white", { x0: -28, x1: 28, light: 0 }) + sheet.solid(box(-42, -540, 84, 56, 10), picture.accent, { x0: -42, x1: 42, light: 0.4 }) : "";
    const room = picture.label === "arch" ? { y: -376, w: 224, h: 316 } : { y: -376, w: 218, h: 306 };
    return { art: spout + sheet.solid(d, tone, { x0: -160, x1: 160, shade: "M90-470Q70-240 112 20H200V-470z", deep: 0.15, light: 0.35, inside: seal + (picture.label === "print" ? "" : label(sheet, product, room)), print: picture.label === "print" ? label(sheet, product, room) : "" }), w: 310, h: 460 };
  }
  if (picture.shape === "sack") {
    const d = "M-60-330Q-110-290-150-210Q-186-110-168-30Q-160 4-110 4H112Q160 4 168-30Q186-110 150-210Q110-290 60-330Q84-372 112-404Q86-396 66-412Q44-396 20-412Q0-396-22-412Q-46-396-68-412Q-90-396-112-402Q-82-370-60-330z";
    const folds = `<path d="M-30-320Q-70-240-84-160M24-322Q56-250 60-190M0-322Q-10-280-8-240M84-290Q120-220 128-150M-30-344Q-50-370-54-390M16-344Q30-366 30-392" fill="none" stroke="#210" stroke-opacity=".16" stroke-width="5" stroke-linecap="round"/>`;
    const cord = `<path d="M-66-338Q0-318 66-338" fill="none" stroke="${colour(picture.accent)}" stroke-width="11" stroke-linecap="round"/><path d="M40-332Q70-290 58-262M44-332Q96-310 104-280" fill="none" stroke="${colour(picture.accent)}" stroke-width="5" stroke-linecap="round"/>`;
    return { art: sheet.solid(d, tone, { x0: -170, x1: 170, shade: "M70-420Q150-180 96 20H240V-420z", light: 0.35, inside: folds }) + cord + label(sheet, product, { y: -226, w: 202, h: 204, style: "card" }), w: 310, h: 410 };
  }
  if (picture.shape === "block") {
    const fold = `<path d="M-160-470H160V-408H-160z" fill="${darker(tone, 0.14)}"/><path d="M-146-426H146" stroke="${colour("cream")}" stroke-width="5" stroke-dasharray="15 9"/>`;
    const creases = `<path d="M-160-130L-120-170M150-90L104-130M120-380Q100-240 124-40M-130-380Q-112-300-126-200" fill="none" stroke="#210" stroke-opacity=".15" stroke-width="4"/>`;
    return { art: sheet.solid(poly([[-150, -462, 4], [150, -462, 4], [152, -200, 200], [160, 0, 14], [-160, 0, 14], [-154, -200, 200]]), tone, { x0: -160, x1: 160, shade: 0.76, light: 0.3, inside: creases + fold + label(sheet, product, { y: -352, w: 272, h: 262, wrap: 340 }) }), w: 316, h: 462 };
  }
  const roll = sheet.solid(box(-142, -430, 284, 62, 20), darker(tone, 0.1), { x0: -142, x1: 142, light: 0.3, shade: 0.8 }) + sheet.flat(box(-158, -412, 316, 18, 9), picture.accent);
  const creases = `<path d="M-118-370L-100-60M118-370L102-60M-60-374l-14 40M46-374l16 34" fill="none" stroke="#210" stroke-opacity=".15" stroke-width="4"/>`;
  return { art: sheet.solid(poly([[-136, -400], [136, -400], [150, 0, 16], [-150, 0, 16]]), tone, { x0: -150, x1: 150, shade: 0.77, light: 0.3, inside: creases + label(sheet, product, { y: -334, w: 202, h: 290 }) }) + roll, w: 300, h: 430 };
}

export function bar(sheet, product, picture) {
  if (picture.shape === "chocolate") {
    const piece = (x, y) => `M${pt(x, y)}h66v58h-66z`;
    const squares = [-146, -70, 6, 82].flatMap((x) => [-520, -452].map((y) => piece(x, y))).join("");
    const slab = sheet.solid(box(-152, -526, 304, 180, 4), picture.colour, { x0: -152, x1: 152, shade: 0.8, light: 0.25, inside: `<path d="${squares}" fill="${lighter(picture.colour, 0.13)}"/>` });
    const foil = sheet.flat("M-158-372l22-34 30 20 26-26 34 28 30-24 32 26 28-30 34 24 26-20 54 36v40h-316z", "#E4DFD2");
    const wrap = sheet.solid(box(-162, -372, 324, 372, 4), picture.accent, { x0: -162, x1: 162, shade: 0.8, light: 0.35, inside: `<path d="M-170-60l34-34 34 34 34-34 34 34 34-34 34 34 34-34 34 34 34-34v140h-340z" fill="${colour("cocoa")}"/><path d="M-170-350H170" stroke="${colour("cocoa")}" stroke-width="5"/>` + label(sheet, product, { y: -322, w: 236, h: 206, style: "card" }) });
    return { art: `<g transform="rotate(-5)">${slab}${foil}${wrap}</g>`, w: 330, h: 530 };
  }
  const flecks = `<path d="M-180-150l9 4M-170-80l5 8M168-130l8 4M176-60l-5 8M-186-40l9-2M150-170l8 3" stroke="${colour("leaf")}" stroke-opacity=".6" stroke-width="4" stroke-linecap="round"/>`;
  const soap = (tone, inside, cast) => sheet.solid(box(-206, -206, 412, 206, 44), tone, { x0: -206, x1: 206, shade: "M-210-24Q130-14 150-210H230V20H-210z", light: 0.25, cast, inside: `<path d="M-170-192H160" stroke="#fff" stroke-opacity=".4" stroke-width="9" stroke-linecap="round"/>` + inside });
  const lower = soap(picture.colour, `<path d="M-190-206H200v14H-190z" fill="#210" fill-opacity=".16"/>${flecks}` + belly(sheet, product, { y: -210, w: 250, h: 214, mark: null }), true);
  const upper = soap(lighter(picture.colour, 0.3), `${flecks}<g opacity=".55" transform="translate(-40-104)scale(1.5)"><path d="M0 24V-30M0 10q-22 0-26-20M0 10q22 0 26-20M0-8q-16 0-20-16M0-8q16 0 20-16" fill="none" stroke="${darker(picture.colour, 0.3)}" stroke-width="4" stroke-linecap="round"/></g>`, false);
  return { art: `<g transform="translate(8 -206)rotate(-2)">${upper}</g>` + lower, w: 412, h: 410 };
}

/** A roll of gauze standing on its edge, its tail lying out to the left. */
export function roll(sheet, product, picture) {
  const tone = picture.colour;
  const weave = `<path d="${Array.from({ length: 15 }, (_, at) => `M-150${n(-286 + at * 20)}H150`).join("")}" stroke="#8a6a42" stroke-opacity=".16" stroke-width="3"/>`;
  const tail = sheet.flat("M-100 4Q-190 4-300 44L-232 76Q-120 36 20 14z", lighter(tone, 0.2)) + sheet.flat("M-300 44L-232 76V82L-300 50z", darker(tone, 0.3)) + sheet.stroke("M-276 44Q-170 6-90 6M-236 66Q-120 28-10 16", darker(tone, 0.18), 2.5);
  const body = sheet.solid("M-138-270V-14Q-138 14 0 14Q138 14 138-14V-270z", tone, { x0: -138, x1: 138, light: 0.4, inside: weave + belly(sheet, product, { y: -212, w: 224, h: 176, wrap: 300 }) });
  const top = `<ellipse cy="-270" rx="138" ry="38" fill="${lighter(tone, 0.5)}"/><path d="M-104-270a104 28 0 0 1 208 2a94 24 0 0 1-186 4a76 19 0 0 1 150-2a58 14 0 0 1-116 2a38 9 0 0 1 76-2" fill="none" stroke="${darker(tone, 0.25)}" stroke-width="3"/>`;
  return { art: tail + body + top, w: 290, h: 300 };
}

