// Small things beside a product: leaves, slices, stones, herbs. Each is drawn around its own foot at 0, 0 and says where it likes
// to stand: "front" (in front of the product), "lean" (behind it, leaning out) or "above".
import { colour, darker } from "./colour.mjs";
import { n, pt } from "./geometry.mjs";

/** Pieces scattered at [x, y, turn]; `piece` is drawn once and used again. */
function scatter(sheet, piece, places) {
  const id = sheet.id();
  return `<defs><g id="${id}">${piece}</g></defs>` + places.map(([x, y, turn = 0, size = 1]) => `<use href="#${id}" transform="translate(${pt(x, y)})${turn ? `rotate(${turn})` : ""}${size === 1 ? "" : `scale(${size})`}"/>`).join("");
}

const shadow = (rx, ry = rx * 0.3, x = 6, y = 6) => `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="#210" fill-opacity=".16"/>`;
const shine = (d, width = 5) => `<path d="${d}" fill="none" stroke="#fff" stroke-opacity=".6" stroke-width="${width}" stroke-linecap="round"/>`;

/** A leaf from its stalk at 0, 0 up to (0, -length). */
const leaf = (length, width, tone, vein = true) =>
  `<path d="M0 0C${pt(-width, -length * 0.25, -width * 0.8, -length * 0.75, 0, -length)}C${pt(width * 0.8, -length * 0.75, width, -length * 0.25, 0, 0)}" fill="${colour(tone)}"/><path d="M0 0C${pt(width, -length * 0.25, width * 0.8, -length * 0.75, 0, -length)}z" fill="#142a14" fill-opacity=".18"/>` + (vein ? `<path d="M0 10V${n(-length * 0.86)}" stroke="#fff" stroke-opacity=".35" stroke-width="2.5"/>` : "");

/** A twig that leans out, with leaves in pairs. `bend`: how far the tip is from above the foot. */
function twig(sheet, { tall = 420, bend = 150, pairs = 6, length = 80, width = 26, tone = "leaf", stem = darker(tone, 0.25), spread = 58, tip = true, piece, taper = 0.45 }) {
  const at = (t) => [2 * (1 - t) * t * bend * 0.15 + t * t * bend, -(2 * (1 - t) * t * tall * 0.6 + t * t * tall)];
  const places = [];
  for (let pair = 0; pair < pairs; pair++) {
    const t = 0.26 + (0.72 * pair) / pairs;
    const [x, y] = at(t);
    const turn = Math.round((t * bend * 55) / tall);
    const size = Math.round((1 - t * taper) * 100) / 100;
    places.push([x, y, turn - spread, size], [x, y, turn + spread, size]);
  }
  if (tip) places.push([...at(0.97), Math.round((bend * 55) / tall), Math.round((1.05 - taper) * 100) / 100]);
  return `<path d="M0 0Q${pt(bend * 0.15, -tall * 0.6, bend, -tall)}" fill="none" stroke="${colour(stem)}" stroke-width="6" stroke-linecap="round"/>` + scatter(sheet, piece ?? leaf(length, width, tone), places);
}

/** A flower head seen from above. */
const flower = (r, petals, tone, heart, rx = r * 0.3) =>
  Array.from({ length: petals }, (_, at) => `<ellipse cy="${n(-r * 0.62)}" rx="${n(rx)}" ry="${n(r * 0.42)}" transform="rotate(${Math.round((at * 360) / petals)})"/>`).join("").replace(/^(.*)$/s, `<g fill="${colour(tone)}">$1</g>`) + `<circle r="${n(r * 0.34)}" fill="${colour(heart)}"/><path d="M${pt(r * 0.1, -r * 0.32)}a${pt(r * 0.34, r * 0.34)} 0 0 1 0 ${n(r * 0.64)}z" fill="#210" fill-opacity=".18"/>`;

/** A halved citrus, standing on its edge. */
const slice = (r, rind, flesh) =>
  shadow(r * 0.95, r * 0.2, r * 0.2, 4) + `<g transform="translate(0 ${n(-r)})"><circle r="${r}" fill="${colour(rind)}"/><circle r="${n(r * 0.9)}" fill="#FFF3DA"/>` + Array.from({ length: 9 }, (_, at) => `<path d="M0-6L${pt(-r * 0.24, -r * 0.74)}Q${pt(0, -r * 0.9, r * 0.24, -r * 0.74)}z" fill="${colour(flesh)}" transform="rotate(${at * 40})"/>`).join("") + shine(`M${pt(-r * 0.6, -r * 0.5)}Q${pt(-r * 0.4, -r * 0.74, -r * 0.1, -r * 0.78)}`) + "</g>";

const fruit = (r, tone) => shadow(r, r * 0.24, r * 0.2) + `<circle cy="${-r}" r="${r}" fill="${colour(tone)}"/><path d="M${pt(r * 0.3, -r * 1.95)}a${r} ${r} 0 0 1-${n(r * 0.6)} ${n(r * 1.92)}A${n(r * 1.15)} ${n(r * 1.15)} 0 0 0 ${pt(r * 0.3, -r * 1.95)}" fill="#210" fill-opacity=".17"/><circle cx="${n(-r * 0.36)}" cy="${n(-r * 1.4)}" r="${n(r * 0.22)}" fill="#fff" fill-opacity=".4"/>`;

const pebble = (x, y, rx, ry, tone) => `<g transform="translate(${pt(x, y)})"><ellipse rx="${rx}" ry="${ry}" fill="${colour(tone)}"/><path d="M${n(rx * 0.4)}-${n(ry * 0.92)}A${rx} ${ry} 0 0 1-${n(rx * 0.5)} ${n(ry * 0.87)}Q${pt(rx * 0.6, ry * 0.5, rx * 0.4, -ry * 0.92)}" fill="#210" fill-opacity=".16"/></g>`;

const capsule = (a, b) => `${shadow(34, 10, 5, 12)}<path d="M-20 0H0" stroke="${colour(a)}" stroke-width="28" stroke-linecap="round"/><path d="M0 0H20" stroke="${colour(b)}" stroke-width="28" stroke-linecap="round"/><path d="M0-14V14H-6V-14z" fill="${colour(a)}"/>${shine("M-22-6H20", 4)}`;

const spoonful = (tone, wood = "wood") => `${shadow(120, 16, 50, 14)}<path d="M40 2L210-46" stroke="${colour(wood)}" stroke-width="17" stroke-linecap="round"/><ellipse rx="66" ry="30" fill="${darker(wood, 0.2)}"/><path d="M-58-6Q-40-52 0-54Q44-52 58-6Q0 22-58-6" fill="${colour(tone)}"/><path d="M6-54Q44-52 58-6Q36 4 10 6Q34-20 6-54" fill="#210" fill-opacity=".14"/><path d="M-66 0a66 30 0 0 0 132 0Q0 26-66 0" fill="${colour(wood)}"/>`;

const sprigLying = (art, turn) => `<g transform="rotate(${turn})">${art}</g>`;

const props = {
  capsules: (s) => ["front", scatter(s, capsule("cream", "honey"), [[-46, -6, -24], [44, 16, 12], [12, -52, 70]])],
  softgels: (s) => ["front", scatter(s, `${shadow(26, 9, 6, 14)}<ellipse rx="30" ry="19" fill="#C98A2B"/><path d="M4-19A30 19 0 0 1 4 19Q22 0 4-19" fill="#7a3c08" fill-opacity=".3"/>${shine("M-18-6Q-8-13 2-12")}`, [[-50, -4, -18], [34, 20, 14], [4, -40, 40], [80, -22, -30]])],
  tablets: (s) => ["front", scatter(s, `${shadow(24, 8, 5, 12)}<path d="M-25-4v9a25 13 0 0 0 50 0v-9z" fill="#C9A48F"/><ellipse cy="-4" rx="25" ry="13" fill="#F2DDCF"/><path d="M-17-6H17" stroke="#C9A48F" stroke-width="3"/>`, [[-58, 0], [0, 24], [42, -14]])],
  lozenges: (s) => ["front", scatter(s, `${shadow(30, 9, 5, 14)}<path d="M-32-4v10a32 16 0 0 0 64 0v-10z" fill="#D6A347"/><ellipse cy="-4" rx="32" ry="16" fill="#F6DD98"/><ellipse cy="-5" rx="18" ry="8" fill="none" stroke="#D6A347" stroke-width="3"/>`, [[-40, 4], [38, 26]])],
  olive: (s) => ["lean", twig(s, { tall: 470, bend: 190, pairs: 6, length: 96, width: 17, tone: "#8A9A63" }) + scatter(s, `<ellipse rx="21" ry="27" fill="#5E6B33"/>${shine("M-9-12Q-12 0-8 10")}`, [[66, -250, 20], [120, -330, 10]])],
  orange: (s) => ["front", `<g transform="translate(70-34)">${fruit(84, "orange")}</g><g transform="translate(-40 22)">${slice(72, "orange", "#F0A04B")}</g>`],
  lemon: (s) => ["front", slice(66, "#E9C23F", "#F4DC7C")],
  wheat: (s) => ["lean", [[150, 520, 0], [60, 470, -26]].map(([bend, tall, x]) => `<g transform="translate(${x} 0)">${twig(s, { tall, bend, pairs: 0, tone: "#C79A45", tip: false })}<g transform="translate(${pt(bend, -tall)})rotate(${Math.round((bend * 62) / tall)})">${scatter(s, `<path d="M0 0Q20-16 8-44Q-10-20 0 0" fill="#D6A94F"/><path d="M8-44L16-84" stroke="#D6A94F" stroke-width="2.5"/>`, [[4, 70, 22], [-4, 70, -30], [4, 40, 20], [-4, 40, -28], [4, 10, 18], [-4, 10, -26], [0, -18, -8]])}</g></g>`).join("")],
  spinach: (s) => ["lean", twig(s, { tall: 380, bend: 170, pairs: 2, length: 150, width: 62, tone: "#5B8A48", spread: 40, taper: 0.2 })],
  spoon: (s, tone) => ["front", spoonful(tone)],
  chamomile: (s) => ["front", scatter(s, flower(46, 12, "white", "saffron", 9), [[-58, -8, 10], [46, 18, 0, 1.25], [20, -62, 30, 0.85]])],
  ginger: () => ["front", `${shadow(110, 22, 10, 10)}<path d="M-104-20Q-120-58-78-66Q-64-112-24-92Q10-124 44-92Q92-104 104-58Q132-20 92 2Q40 16 6 4Q-60 20-104-20" fill="#D9B47C"/><path d="M44-92Q92-104 104-58Q132-20 92 2Q62 10 40 8Q84-30 44-92" fill="#7a4a1a" fill-opacity=".25"/><ellipse cx="-70" cy="-30" rx="26" ry="31" fill="#F3DA92"/><ellipse cx="-70" cy="-30" rx="17" ry="21" fill="none" stroke="#D9B065" stroke-width="3"/><path d="M-30-84q10 20 4 40M10-98q10 30 2 60M66-88q8 20 4 40" fill="none" stroke="#8a5a24" stroke-opacity=".35" stroke-width="3.5"/>`],
  teabag: (s) => ["left", `<path d="M20-26Q-40-70-10-120Q40-150 100-130" fill="none" stroke="#fffaf0" stroke-width="4"/>${shadow(60, 12, 6, 10)}<path d="M-54-44L-30-64H36L56-44V10H-54z" fill="#FBF2DF"/><path d="M-44-26H46V2H-44z" fill="#A8813F" fill-opacity=".55"/><path d="M30-64h6L56-44V10H36z" fill="#210" fill-opacity=".1"/>`],
  cup: () => ["front", `${shadow(96, 20, 14, 6)}<path d="M66-96q66-6 54 40q-12 34-66 28" fill="none" stroke="#F4EBDC" stroke-width="17"/><path d="M-82-116H82Q84-30 48 0H-48Q-84-30-82-116" fill="#F8F0E2"/><path d="M42-116H82Q84-30 48 0H20Q50-40 42-116" fill="#210" fill-opacity=".13"/><ellipse cy="-116" rx="82" ry="21" fill="#EDE0CB"/><ellipse cy="-113" rx="70" ry="15" fill="#A9532A"/>`],
  mint: (s) => ["lean", twig(s, { tall: 400, bend: 170, pairs: 5, length: 104, width: 44, tone: "#4F8A5B", spread: 62 })],
  rosehips: (s) => ["lean", twig(s, { tall: 430, bend: 180, pairs: 4, length: 66, width: 26, tone: "#6E8450", stem: "#7C4E31" }) + scatter(s, `<path d="M0-30V-56" stroke="#7C4E31" stroke-width="4"/><ellipse rx="24" ry="32" fill="#B93B2B"/><path d="M4-32A24 32 0 0 1 4 32Q24 0 4-32" fill="#210" fill-opacity=".2"/><path d="M-7 30l7-8l7 8" fill="#5b2a18"/>${shine("M-11-14Q-14 0-10 10")}`, [[112, -262, -8], [60, -206, 6], [192, -388, -20]])],
  tealeaves: (s) => ["front", scatter(s, leaf(54, 17, "#5F8A4A", false), [[-60, 14, 70], [-8, 30, 100], [40, -4, 50], [-30, -26, 120], [70, 26, 80]])],
  vanilla: () => ["front", `<path d="M-96 6Q-10-30 110-54M-90 22Q20 6 116-26" fill="none" stroke="#210" stroke-opacity=".18" stroke-width="12" stroke-linecap="round" transform="translate(6 9)"/><path d="M-96 6Q-10-30 110-54" fill="none" stroke="#4A2B1C" stroke-width="11" stroke-linecap="round"/><path d="M-90 22Q20 6 116-26" fill="none" stroke="#63402A" stroke-width="11" stroke-linecap="round"/>`],
  steam: () => ["above", `<path d="M-30 0Q-60-50-26-90T-20-170M20-10Q-4-56 26-96T30-180" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="9" stroke-linecap="round"/>`],
  leaf: (s) => ["front", scatter(s, leaf(120, 40, "#7C9160"), [[-10, 30, 66], [20, 36, 104, 0.8]])],
  oats: (s) => ["front", scatter(s, `<ellipse cx="3" cy="4" rx="17" ry="10" fill="#210" fill-opacity=".15"/><ellipse rx="17" ry="11" fill="#E9D3A6"/><path d="M-11 0H11" stroke="#B98F52" stroke-width="2.5"/>`, [[-80, 10, 20], [-44, -14, 70], [-30, 24, -20], [6, 2, 30], [36, 28, 5], [50, -12, 110], [88, 12, 40], [10, -34, -30]])],
  calendula: (s) => ["front", scatter(s, flower(58, 15, "#E8912A", "#8A4A1C", 10) + flower(40, 11, "#F0A83E", "#A05A20", 8), [[0, -16, 0], [96, 22, 20, 0.7]])],
  buckthorn: (s) => ["lean", twig(s, { tall: 440, bend: 190, pairs: 6, length: 86, width: 11, tone: "#8FA07A", stem: "#7C5A3A", spread: 44 }) + scatter(s, `<circle r="19" fill="#E8862A"/><path d="M4-18A19 19 0 0 1 2 19Q18 0 4-18" fill="#7a2c08" fill-opacity=".25"/><circle cx="-6" cy="-7" r="4" fill="#fff" fill-opacity=".6"/>`, [[36, -170], [64, -196], [40, -214], [76, -252], [108, -272], [88, -300], [130, -336]])],
  shell: () => ["front", `${shadow(74, 16, 8, 6)}<path d="M-12 0C-60-8-92-60-70-92C-40-130 40-130 70-92C92-60 60-8 12 0z" fill="#F5DDCB"/><path d="M30-114C60-108 96-70 78-50C66-24 40-6 12 0Q60-50 30-114" fill="#210" fill-opacity=".12"/><path d="M0-4V-116M-6-6L-36-110M6-6L36-110M-9-8L-64-88M9-8L64-88" stroke="#D39E82" stroke-width="4"/>`],
  petals: (s) => ["front", scatter(s, `<path d="M6 20C-30 14-46-16-36-38C-22-36-14-30-6-22C4-36 22-44 40-36C44-10 34 14 6 20" fill="#210" fill-opacity=".14" transform="translate(4 7)"/><path d="M0 20C-36 14-52-16-42-38C-28-36-20-30-12-22C-2-36 16-44 34-36C38-10 28 14 0 20" fill="#DE9A94"/><path d="M-12-22C-2-36 16-44 34-36C38-10 28 14 0 20Q6-8-12-22" fill="#8A3B44" fill-opacity=".22"/>`, [[-60, 2, -30], [16, 28, 50, 1.1], [60, -24, 10, 0.75], [104, 22, 110, 0.85]])],
  honeycomb: (s) => ["front", `${shadow(100, 18, 6, 10)}` + scatter(s, `<path d="M0-30L26-15V15L0 30L-26 15V-15z" fill="#E7AE45" stroke="#B97722" stroke-width="5"/><path d="M-14-8L0-17" stroke="#fff" stroke-opacity=".6" stroke-width="5" stroke-linecap="round"/>`, [[-56, -24], [-4, -24], [48, -24], [-30, -68], [22, -68], [-4, -112]])],
  pebbles: () => ["front", shadow(110, 20, 0, 12) + pebble(-30, -16, 74, 30, "#B7ADA0") + pebble(66, 4, 42, 20, "#8E9490") + pebble(-34, -62, 50, 22, "#D8CDBD")],
  stones: () => ["front", shadow(96, 20, 0, 10) + pebble(0, -18, 86, 32, "#9C9A90") + pebble(-4, -66, 60, 25, "#C9BDA9") + pebble(4, -104, 36, 19, "#85897F")],
  rosemary: (s) => ["lean", twig(s, { tall: 450, bend: 180, pairs: 11, length: 62, width: 7, tone: "#5D7B5B", spread: 42, piece: leaf(62, 7, "#5D7B5B", false) })],
  nettle: (s) => ["lean", twig(s, { tall: 450, bend: 150, pairs: 5, piece: `<path d="M0 0L-26-14L-20-26L-34-40L-24-52L-30-66L-16-74L-16-90L0-116L16-90L16-74L30-66L24-52L34-40L20-26L26-14z" fill="#4E8052"/><path d="M0 0V-116L16-90L16-74L30-66L24-52L34-40L20-26L26-14z" fill="#142a14" fill-opacity=".2"/>`, tone: "#4E8052", spread: 64 })],
  salt: (s) => ["front", scatter(s, `<path d="M-11 8L16 9L6 15z" fill="#210" fill-opacity=".16"/><path d="M-15 3L-3-12L13-8L15 5L1 11z" fill="#FFFEFB"/><path d="M13-8L15 5L1 11L2-2z" fill="#A9B6B8" fill-opacity=".7"/>`, [[-86, 12, 10], [-48, -8, 40], [-30, 24, 70], [8, 4, 20], [40, 26, 50], [60, -6, 0], [96, 14, 30], [16, -24, 15]])],
  tag: () => ["none", ""],
  bay: (s) => ["lean", twig(s, { tall: 420, bend: 180, pairs: 4, length: 124, width: 36, tone: "#5E7B4C", spread: 50 })],
  sage: (s) => ["lean", twig(s, { tall: 400, bend: 160, pairs: 4, length: 118, width: 30, tone: "#9DB08E", spread: 48 })],
  lavender: (s) => ["lean", [[170, 500, 0], [90, 540, -14], [20, 470, -30]].map(([bend, tall, x]) => `<g transform="translate(${x} 0)"><path d="M0 0Q${pt(bend * 0.2, -tall * 0.6, bend, -tall)}" fill="none" stroke="#7E8F68" stroke-width="5"/><g transform="translate(${pt(bend, -tall)})rotate(${Math.round((bend * 60) / tall)})"><path d="M-9 0h0M9 14h0M-10 30h0M10 44h0M-11 60h0M11 74h0M-10 90h0M0-18h0" stroke="#7D6BA8" stroke-width="23" stroke-linecap="round"/><path d="M7 2h0M-7 16h0M9 32h0M-8 46h0M9 62h0M-8 78h0" stroke="#A394C8" stroke-width="15" stroke-linecap="round"/></g></g>`).join("")],
  lavenderlying: (s) => ["front", `<g transform="translate(90 14)rotate(-76)">${[[30, 210, 0], [-24, 230, 10]].map(([bend, tall, x]) => `<path d="M${x} 0Q${pt(x, -tall * 0.6, bend, -tall)}" fill="none" stroke="#7E8F68" stroke-width="5"/><path d="M${pt(bend - 7, -tall)}h0m16 14h0m-18 14h0m18 14h0m-18 14h0m16 14h0" stroke="#7D6BA8" stroke-width="20" stroke-linecap="round"/>`).join("")}</g>`],
  moonlight: () => ["moon", `<path d="M30-90A92 92 0 1 0 90 40A78 78 0 0 1 30-90" fill="#FFF4D6" fill-opacity=".9"/><path d="M130-60h0M170 30h0M120 90h0" stroke="#FFF4D6" stroke-width="9" stroke-linecap="round"/>`],
  blossom: (s) => ["left", scatter(s, flower(44, 5, "white", "#E6B64C", 20), [[-20, 0, 10], [50, 30, 40, 0.75]])],
  matches: () => ["front", `${shadow(90, 14, 4, 16)}<path d="M-80 14L70-22M-64 26L84-4M-50 4L60 22" stroke="#DDBB84" stroke-width="9" stroke-linecap="round"/><path d="M70-22l14-4M84-4l14-3M60 22l14 3" stroke="#8C3B1B" stroke-width="15" stroke-linecap="round"/>`],
  corkoak: (s) => ["lean", twig(s, { tall: 380, bend: 180, pairs: 4, length: 84, width: 34, tone: "#6F8A57", stem: "#7C5A3A" }) + scatter(s, `<ellipse cy="14" rx="19" ry="28" fill="#A9783F"/><path d="M4-14A19 28 0 0 1 4 42Q20 14 4-14" fill="#210" fill-opacity=".2"/><path d="M-23 2Q-22-22 0-22T23 2Q0 10-23 2" fill="#7C5A3A"/>`, [[80, -190, -10], [116, -200, -24]])],
  dipper: () => ["front", `${shadow(120, 18, 20, 12)}<path d="M30-14L190-78" stroke="#C79460" stroke-width="14" stroke-linecap="round"/><g transform="rotate(-22)"><path d="M-70 0a62 38 0 0 1 124 0a62 38 0 0 1-124 0" fill="#C79460"/><path d="M-48-30V30M-24-37V37M0-38V38M24-34V34" stroke="#8A5A2C" stroke-width="7"/></g><path d="M-60 16Q-110 36-66 44Q-10 52 40 36Q70 20 20 18z" fill="#D9922B"/><path d="M-76 34Q-40 42 0 38" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="5" stroke-linecap="round"/>`],
  apple: () => ["front", `${shadow(92, 22, 12, 4)}<path d="M0-140C-24-166-104-158-98-72C-92-14-44 8 0-4C44 8 92-14 98-72C104-158 24-166 0-140" fill="#A4532A"/><path d="M34-155C74-158 102-130 98-72C92-14 44 8 14-1C70-30 84-100 34-155" fill="#210" fill-opacity=".2"/><path d="M-70-110h0M-58-84h0M-74-66h0M-40-112h0M-30-60h0M-52-40h0M10-90h0M20-50h0M-6-30h0M40-110h0" stroke="#E6B56C" stroke-opacity=".7" stroke-width="6" stroke-linecap="round"/><path d="M0-138Q-2-164 12-182" fill="none" stroke="#4B2B1E" stroke-width="8" stroke-linecap="round"/><g transform="translate(8-160)rotate(64)">${leaf(74, 26, "#5E7F4B")}</g>`],
  flax: (s) => ["lean", [[150, 470, 0], [70, 510, -10], [200, 380, 6]].map(([bend, tall, x]) => `<path d="M${x} 0Q${pt(bend * 0.2, -tall * 0.6, bend, -tall)}" fill="none" stroke="#7E8F68" stroke-width="5"/>`).join("") + scatter(s, flower(46, 5, "flaxblue", "butter", 21), [[150, -470, 8], [70, -510, 40, 0.9], [200, -380, 20, 0.8]])],
  almonds: (s) => ["front", scatter(s, `<path d="M4-34C26-14 28 24 4 34C-22 24-20-14 4-34" fill="#210" fill-opacity=".16" transform="translate(5 7)"/><path d="M0-36C24-16 26 22 0 32C-26 22-24-16 0-36" fill="#A5683A"/><path d="M0-36C24-16 26 22 0 32Q14 0 0-36" fill="#210" fill-opacity=".18"/><path d="M-8-12Q-12 4-6 18M2-18Q2 4 4 20" fill="none" stroke="#D9A777" stroke-width="3"/>`, [[-66, 4, 60], [0, 20, 110], [52, -10, 30], [-20, -34, 80]])],
  cocoabean: (s) => ["front", scatter(s, `<ellipse cx="4" cy="7" rx="33" ry="19" fill="#210" fill-opacity=".16"/><ellipse rx="34" ry="21" fill="#6B3B25"/><path d="M-30 2Q0 14 31-2A34 21 0 0 1-30 2" fill="#210" fill-opacity=".25"/>${shine("M-18-9Q0-16 16-10", 4)}`, [[-70, 2, -20], [0, 24, 10], [40, -22, 35], [96, 14, -40]])],
  pinchbowl: () => ["left", `${shadow(84, 18, 10, 4)}<path d="M-82-62H82Q80-8 36 0H-36Q-80-8-82-62" fill="#B9603D"/><path d="M40-62H82Q80-8 36 0H16Q50-20 40-62" fill="#210" fill-opacity=".16"/><ellipse cy="-62" rx="82" ry="22" fill="#8F4429"/><path d="M-72-62Q-40-98 0-98T72-62Q0-44-72-62" fill="#FBF7EF"/><path d="M-30-78l14-6M4-84l16 4M-10-64l14 4M34-70l12-4" stroke="#BFC6C6" stroke-width="5" stroke-linecap="round"/>`],
  gauze: () => ["front", `${shadow(74, 20, 10, 4)}<path d="M-66-78V-12Q-66 8 0 8T66-12V-78z" fill="#F6EEDF"/><path d="M28-78H66V-12Q66 2 28 7z" fill="#210" fill-opacity=".13"/><path d="M-66-54Q0-38 66-54M-66-30Q0-14 66-30" fill="none" stroke="#CDB98F" stroke-width="3"/><ellipse cy="-78" rx="66" ry="19" fill="#FFFBF2"/><path d="M-46-78a46 12 0 0 1 92 0a38 10 0 0 1-76 2a28 7 0 0 1 54-2" fill="none" stroke="#CDB98F" stroke-width="3"/>`],
  plasters: (s) => ["front", scatter(s, `<path d="M-50 6H60" stroke="#210" stroke-opacity=".16" stroke-width="42" stroke-linecap="round"/><path d="M-54 0H54" stroke="#D9A382" stroke-width="42" stroke-linecap="round"/><path d="M-20-21H20V21H-20z" fill="#F0D5C0"/><path d="M-52-8h0M-40 8h0M-56 8h0M52-8h0M40 8h0M56 8h0M-40-8h0M40-8h0" stroke="#A86F50" stroke-width="5" stroke-linecap="round"/>`, [[-24, 12, -16], [44, -20, 24, 0.8]])],
  arnica: (s) => ["front", scatter(s, flower(56, 14, "#F0B73A", "#C77A1E", 11), [[-30, -14, 0], [70, 18, 12, 0.72]])],
  aloe: (s) => ["lean", `<g transform="translate(30 0)scale(.82)">${scatter(s, `<path d="M-26 0Q-30-170 34-360Q48-170 30 0z" fill="#7FA576"/><path d="M6 0Q20-170 34-360Q48-170 30 0z" fill="#142a14" fill-opacity=".2"/><path d="M-26-60l-9-6M-25-110l-9-6M-19-160l-9-5M-9-210l-8-5M4-260l-8-4" stroke="#DDE9C6" stroke-width="5" stroke-linecap="round"/>`, [[0, 0, -8, 1.3], [56, 0, 16, 1.1], [90, 10, 38, 0.85]])}</g>`],
  coil: () => ["front", `${shadow(80, 22, 12, 4)}<path d="M-72-44V-14A72 26 0 0 0 72-14V-44z" fill="#8F452B"/><path d="M60-6Q120 10 150 34L118 46Q80 20 20 12z" fill="#B9603D"/><ellipse cy="-44" rx="72" ry="26" fill="#B9603D"/><path d="M-58-44a58 20 0 0 1 116 1a48 16 0 0 1-94 2a38 12 0 0 1 74-2a28 8 0 0 1-54 1" fill="none" stroke="#7A3620" stroke-width="4"/>`],
  clips: (s) => ["front", scatter(s, `<path d="M-34 5H38" stroke="#210" stroke-opacity=".16" stroke-width="18"/><path d="M-36-10H36V10H-36z" fill="#B8BCB8"/><path d="M-36-4h-12M-36 6h-12M36-4h12M36 6h12" stroke="#8d918c" stroke-width="4"/>`, [[-14, 2, -18], [54, 28, 14]])],
  yarn: () => ["front", `${shadow(78, 20, 10, 2)}<path d="M58-20Q130 20 176-6" fill="none" stroke="#B9603D" stroke-width="6" stroke-linecap="round"/><circle cy="-72" r="74" fill="#B9603D"/><path d="M-66-100Q0-60 62-112M-74-72Q-6-30 72-86M-66-38Q-10-6 70-54M-30-140Q-60-70-20-2M6-146Q-20-70 22-2M38-136Q20-70 56-24" fill="none" stroke="#E09A74" stroke-opacity=".75" stroke-width="5"/><path d="M30-140A74 74 0 0 1-10 1Q60-60 30-140" fill="#210" fill-opacity=".16"/>`],
  cotton: (s) => ["front", scatter(s, `${shadow(44, 12, 6, 28)}<path d="M-40 8A28 28 0 0 1-24-28A30 30 0 0 1 26-28A28 28 0 0 1 40 10A26 26 0 0 1-2 26A26 26 0 0 1-40 8" fill="#FFFDF8"/><path d="M26-28A28 28 0 0 1 40 10A26 26 0 0 1-2 26Q40 6 26-28" fill="#210" fill-opacity=".1"/>`, [[-40, 0], [50, 10, 40, 0.85]])],
};

/** A prop by name: where it likes to stand, and its drawing. `tone` is the colour of what the product holds. */
export function prop(sheet, name, tone) {
  const draw = props[name];
  if (!draw) return ["none", ""];
  return draw(sheet, tone);
}

export { leaf };
