// Things with an inside: bottles, droppers, jars, tubes, sticks, roll-ons, flasks, candles.
import { colour, darker, isLight, lighter, mix } from "../colour.mjs";
import { box, chance, lathe, n, poly, pt } from "../geometry.mjs";
import { column, label } from "../label.mjs";
import { cap } from "./caps.mjs";

// Right halves, from the neck down: [x, y, radius]; `neck`: rim and width; `room`: where the label goes.
const BOTTLES = {
  wide: { half: [[92, -420], [92, -392, 6], [142, -352, 34], [142, 0, 26]], neck: [-412, 184], room: { y: -322, w: 236, h: 272 } },
  round: { half: [[50, -450], [50, -402, 20], [136, -320, 90], [136, 0, 36]], neck: [-440, 100], room: { y: -296, w: 216, h: 250 } },
  square: { half: [[52, -446], [52, -408, 8], [128, -398, 34], [128, 0, 20]], neck: [-438, 104], room: { y: -346, w: 216, h: 290 } },
  tall: { half: [[56, -500], [56, -486], [112, -440, 50], [112, 0, 22]], neck: [-492, 112], room: { y: -404, w: 184, h: 330 } },
  slim: { half: [[38, -430], [38, -398, 8], [88, -376, 30], [88, 0, 20]], neck: [-424, 76], room: { y: -320, w: 148, h: 272 } },
  demijohn: { half: [[40, -530], [40, -420, 70], [146, -300, 110], [146, 0, 42]], neck: [-524, 80], room: { y: -268, w: 218, h: 216 } },
  oil: { half: [[34, -580], [34, -404, 60], [108, -318, 70], [108, 0, 18]], neck: [-574, 62], room: { y: -306, w: 176, h: 266 } },
  flat: { half: [[50, -420], [50, -398, 6], [150, -392, 110], [124, 0, 66]], neck: [-412, 100], room: { y: -338, w: 206, h: 286 } },
  can: { half: [[48, -470], [48, -446], [92, -420, 46], [92, 0, 18]], neck: [-452, 130], room: { y: -380, w: 148, h: 320 } },
};

/** A paper label takes the light like the body; print on the body itself lies above it, so that no letter fades. */
const printed = (picture, lettering, inside = "") => (picture.label === "print" ? { inside, print: lettering } : { inside: inside + lettering });

export function bottle(sheet, product, picture) {
  const shape = BOTTLES[picture.shape] ?? BOTTLES.round;
  const x = Math.max(...shape.half.map(([at]) => at));
  const body = sheet.solid(lathe(shape.half), picture.colour, { x0: -x, x1: x, glass: true, light: isLight(picture.colour) ? 0.6 : 0.42, ...printed(picture, label(sheet, product, { ...shape.room, wrap: 2 * x + 20 })) });
  return { art: body + cap(sheet, picture, ...shape.neck), w: 2 * x, h: -shape.neck[0] + 70 };
}

const DROPPERS = {
  boston: { half: [[44, -330], [44, -300, 10], [116, -246, 66], [116, 0, 28]], neck: [-318, 88], room: { y: -224, w: 188, h: 184 } },
  square: { half: [[44, -352], [44, -318, 8], [108, -308, 26], [108, 0, 16]], neck: [-340, 88], room: { y: -276, w: 176, h: 236 } },
};

export function dropper(sheet, product, picture) {
  const shape = DROPPERS[picture.shape] ?? DROPPERS.boston;
  const x = Math.max(...shape.half.map(([at]) => at));
  const body = sheet.solid(lathe(shape.half), picture.colour, { x0: -x, x1: x, glass: true, light: 0.42, ...printed(picture, label(sheet, product, { ...shape.room, wrap: 2 * x + 20 })) });
  return { art: body + cap(sheet, picture, ...shape.neck), w: 2 * x, h: 500 };
}

const JARS = {
  low: { half: [[168, -176, 8], [176, -150, 16], [176, 0, 44]], neck: [-168, 330], room: { y: -146, w: 270, h: 126 }, fill: 0, lid: { h: 84, over: 6 } },
  tall: { half: [[112, -372], [112, -344, 8], [134, -318, 24], [134, 0, 30]], neck: [-360, 224], room: { y: -296, w: 212, h: 246 }, fill: -306 },
  wide: { half: [[134, -300], [134, -280, 8], [154, -256, 24], [154, 0, 34]], neck: [-292, 264], room: { y: -236, w: 236, h: 198 }, fill: -250 },
  hex: { half: [[108, -330], [108, -300, 8], [140, -276, 12], [140, 0, 14]], neck: [-318, 216], room: { y: -244, w: 230, h: 206 }, fill: -282 },
  clip: { half: [[124, -392], [124, -372, 6], [146, -344, 26], [146, 0, 30]], neck: [-384, 248], room: { y: -272, w: 216, h: 226 }, fill: -300 },
};

/** What a clear jar holds: a flat tone with a few darker and lighter pieces. */
function contents(picture, x, top, seed) {
  const random = chance(seed);
  const fill = colour(picture.fill);
  const piece = () => `M${pt((random() * 2 - 1) * x, top + 14 + random() * (-top - 30))}l${pt(random() * 16 - 8, random() * 16 - 8)}`;
  const pieces = (count) => Array.from({ length: count }, piece).join("");
  const surface = `M${pt(-x, 20)}V${n(top)}Q${pt(-x / 2, top - 12, 0, top)}T${pt(x, top)}V20z`;
  return `<path d="${surface}" fill="${fill}"/><path d="${pieces(15)}" stroke="${darker(fill, 0.2)}" stroke-width="8" stroke-linecap="round"/><path d="${pieces(11)}" stroke="${lighter(fill, 0.35)}" stroke-width="7" stroke-linecap="round"/>`;
}

export function jar(sheet, product, picture) {
  const shape = JARS[picture.shape] ?? JARS.tall;
  const x = Math.max(...shape.half.map(([at]) => at));
  const inside = (picture.fill && shape.fill ? contents(picture, x - 9, shape.fill, product.id) : "") + (picture.shape === "hex" ? `<path d="M${pt(-x * 0.52, shape.fill + 8)}V0M${pt(x * 0.52, shape.fill + 8)}V0" stroke="#fff" stroke-opacity=".35" stroke-width="4"/>` : "");
  const body = sheet.solid(lathe(shape.half), picture.colour, { x0: -x, x1: x, glass: true, light: 0.6, ...printed(picture, label(sheet, product, { ...shape.room, on: picture.fill && picture.label === "print" ? picture.fill : picture.colour, wrap: 2 * x + 20 }), inside) });
  return { art: body + cap(sheet, picture, ...shape.neck, shape.lid), w: 2 * x, h: -shape.neck[0] + 80 };
}

export function tube(sheet, product, picture) {
  const metal = picture.shape === "metal";
  const half = metal ? [[104, -520, 3], [104, -482, 3], [96, -476, 4], [92, -92, 18], [34, -62, 8], [34, -50]] : [[122, -520, 5], [122, -478, 5], [104, -84, 10], [96, -60]];
  const x = half[0][0];
  const crimp = metal ? `<path d="M${pt(-x, -504)}H${x}M${pt(-x, -490)}H${x}" stroke="#210" stroke-opacity=".18" stroke-width="3"/>` : `<path d="M${pt(-x, -478)}H${x}v-60h${-2 * x}z" fill="#210" fill-opacity=".1"/><path d="${Array.from({ length: 20 }, (_, at) => `M${n(-x + 8 + at * 12)}-512v26`).join("")}" stroke="#fff" stroke-opacity=".3" stroke-width="3"/>`;
  const room = metal ? { y: -420, w: 186, h: 270, wrap: 240 } : { y: -440, w: 180, h: 330 };
  const end = metal ? sheet.solid(poly([[-44, -62, 6], [44, -62, 6], [52, 0, 8], [-52, 0, 8]]), picture.capColour, { x0: -52, x1: 52, light: 0.35 }) : sheet.solid(poly([[-102, -74, 6], [102, -74, 6], [98, 0, 16], [-98, 0, 16]]), picture.capColour, { x0: -102, x1: 102, light: 0.35 });
  return { art: end + sheet.solid(lathe(half), picture.colour, { x0: -x, x1: x, light: 0.6, ...printed(picture, label(sheet, product, room), crimp) }), w: metal ? 120 : 220, h: 520 };
}

export function stick(sheet, product, picture) {
  const deo = picture.shape === "deo";
  const [x, h] = deo ? [92, 300] : [58, 340];
  const turned = (cx, y, w2, tall, tone, more = {}) => `<g transform="translate(${n(cx)} ${n(y)})">${sheet.solid(box(-w2, -tall, 2 * w2, tall, 8), tone, { x0: -w2, x1: w2, light: 0.4, cast: false, ...more })}</g>`;
  const rim = (w2, tall) => `<path d="M${-w2}${n(-tall + 20)}h${2 * w2}M${-w2}-14h${2 * w2}" stroke="#210" stroke-opacity=".18" stroke-width="3"/>`;
  const tone = isLight(picture.colour) ? "ink" : "cream";
  const text = deo
    ? column(sheet, product, 0, -266, 152, 226, colour(isLight(picture.colour) ? "ink" : "cream"), { second: colour(isLight(picture.colour) ? "bottlegreen" : "cream"), largest: 30 })
    : `<g transform="rotate(-90)">${column(sheet, { ...product, picture: { ...picture, emblem: null } }, 168, -36, 280, 72, colour(tone), { second: colour(picture.accent), lines: 1 })}</g>`;
  const product0 = deo ? sheet.solid(poly([[-78, -366, 70], [78, -366, 70], [78, -290], [-78, -290]]), "white", { x0: -78, x1: 78, light: 0.6 }) : sheet.solid(poly([[-44, -420, 12], [44, -396, 30], [44, -330], [-44, -330]]), "butter", { x0: -44, x1: 44, light: 0.4 });
  const body = product0 + sheet.solid(box(-x, -h, 2 * x, h, 8), picture.colour, { x0: -x, x1: x, light: 0.35, inside: rim(x, h), print: text });
  const lid = deo ? turned(x + 118, 34, x, 150, picture.colour, { inside: rim(x, 150) }) : turned(x + 92, 24, x, 190, picture.colour, { inside: rim(x, 190) });
  return { art: sheet.contact(x + 105, deo ? 34 : 24, 2 * x, 0.8) + `<g transform="translate(${deo ? -70 : -50} 0)">` + sheet.contact(0, 2, 2 * x) + body + "</g>" + `<g transform="translate(${deo ? -50 : -30} 0)">${lid}</g>`, lean: deo ? 50 : 0, w: deo ? 340 : 270, h: deo ? 390 : 440, bare: true };
}

export function rollon(sheet, product, picture) {
  const x = 66;
  const text = `<g transform="rotate(-90)">${column(sheet, { ...product, picture: { ...picture, emblem: null } }, 158, -44, 236, 84, colour("ink"), { second: colour(picture.accent), lines: 1 })}</g>`;
  const paper = `<path d="M-99-290H99V-26H-99z" fill="${colour("paper")}"/><path d="M-99-282H99M-99-34H99" stroke="${colour(picture.accent)}" stroke-opacity=".6" stroke-width="3"/>`;
  const body = sheet.solid(lathe([[46, -350], [46, -330, 4], [x, -318, 16], [x, 0, 18]]), picture.colour, { x0: -x, x1: x, glass: true, light: 0.45, inside: paper, print: text });
  return { art: body + cap(sheet, picture, -334, 108), w: 2 * x, h: 450 };
}

export function flask(sheet, product, picture) {
  const x = 108;
  const shoulder = sheet.solid(lathe([[62, -520], [62, -494, 6], [x, -424, 80], [x, 0, 24]]), picture.colour, { x0: -x, x1: x, light: 0.5, inside: `<path d="M-120-16H120V40H-120z" fill="${colour("steel")}"/>`, print: column(sheet, product, 0, -370, 156, 290, isLight(picture.colour) ? colour("ink") : colour("cream"), { second: isLight(picture.colour) ? colour("russet") : colour("cream"), largest: 40 }) });
  return { art: shoulder + cap(sheet, picture, -514, 124), w: 2 * x, h: 640 };
}

export function candle(sheet, product, picture) {
  const x = 140;
  const wax = `<path d="M-150-246Q0-232 150-246V20H-150z" fill="${colour(picture.colour)}"/><path d="M-150-246Q0-232 150-246v16Q0-214-150-230z" fill="${lighter(picture.colour, 0.45)}"/>`;
  const flame = `<circle cy="-322" r="150" fill="${sheet.ref("G")}"/><path d="M0-240V-274" stroke="${colour("ink")}" stroke-width="6" stroke-linecap="round"/><path d="M0-386C26-346 36-322 26-296C18-272-18-272-26-296C-34-322-20-350 0-386" fill="#F3A53A"/><path d="M2-336C14-316 16-302 10-288C4-278-8-278-12-288C-16-302-6-318 2-336" fill="#FFF0BE"/>`;
  const glass = sheet.solid(poly([[-x, -320, 4], [x, -320, 4], [x - 10, 0, 34], [-x + 10, 0, 34]]), mix(picture.colour, "white", 0.62), { x0: -x, x1: x, glass: true, light: 0.7, inside: wax });
  return { art: glass + flame + label(sheet, product, { y: -206, w: 196, h: 176, style: "card" }), w: 2 * x - 10, h: 400 };
}

/** A teapot: body, lid, spout, cane handle; its name on a paper tag. */
export function pot(sheet, product, picture, tag) {
  const tone = picture.colour;
  const handle = `<path d="M-146-200C-184-424 184-424 146-200" fill="none" stroke="${darker(tone, 0.3)}" stroke-width="15" stroke-linecap="round"/><path d="M-105-330C-60-388 60-388 105-330" fill="none" stroke="${colour("wood")}" stroke-width="23" stroke-linecap="round"/><path d="M-96-336C-56-384 40-386 80-352" fill="none" stroke="#fff" stroke-opacity=".35" stroke-width="5" stroke-linecap="round"/>`;
  const spout = sheet.solid(poly([[-150, -60, 20], [-236, -128, 40], [-282, -232, 8], [-240, -240, 8], [-196, -176, 40], [-120, -180, 10]]), tone, { x0: -282, x1: -120, shade: 1, light: 0 });
  const body = sheet.solid("M-92-236H92C168-222 208-168 204-112C200-44 152 0 96 0H-96C-152 0-200-44-204-112C-208-168-168-222-92-236z", tone, { x0: -204, x1: 204, shade: "M76-240C150-180 160-70 70 10H240V-240z", light: 0.4, inside: `<path d="M-220-40H220V20H-220z" fill="${lighter("kraft", 0.25)}"/>` });
  const lid = sheet.solid(poly([[-24, -282, 20], [24, -282, 20], [26, -256, 6], [92, -246, 30], [98, -224, 6], [-98, -224, 6], [-92, -246, 30], [-26, -256, 6]]), lighter(tone, 0.08), { x0: -98, x1: 98, light: 0.3 });
  const hang = sheet.quiet ? "" : `<path d="M118-300Q156-250 132-196" fill="none" stroke="${colour("russet")}" stroke-width="3"/><g transform="translate(134-200)rotate(7)">${tag(sheet, product, { w: 146, h: 186 })}</g>`;
  return { art: spout + handle + body + lid + hang, w: 450, h: 400 };
}
