// Small marks for labels, drawn in a square of 40 around the origin, in one ink.
import { n } from "./geometry.mjs";

const around = (count, draw) => Array.from({ length: count }, (_, at) => draw((at * 2 * Math.PI) / count)).join("");
const ray = (from, to) => (a) => `M${n(from * Math.cos(a))} ${n(from * Math.sin(a))}L${n(to * Math.cos(a))} ${n(to * Math.sin(a))}`;
const petal = (length, width) => (a) => {
  const [c, s] = [Math.cos(a), Math.sin(a)];
  const at = (x, y) => `${n(x * c - y * s)} ${n(x * s + y * c)}`;
  return `M${at(5, 0)}Q${at(length * 0.6, -width)} ${at(length, 0)}Q${at(length * 0.6, width)} ${at(5, 0)}`;
};
const circle = (r, x = 0, y = 0) => `M${n(x - r)} ${n(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
const LEAF = "M0 18V-4M0 18C-14 12-15-6 0-19C15-6 14 12 0 18";

/** [filled path data, stroked path data] */
const marks = {
  hills: ["", "M-20 12Q-9-10 2 12M-8 12Q6-18 20 12" + circle(4, -9, -11)],
  sun: [circle(8), around(12, ray(12, 18))],
  wave: ["", "M-20-6q5-7 10 0t10 0t10 0t10 0M-20 4q5-7 10 0t10 0t10 0t10 0M-20 14q5-7 10 0t10 0t10 0t10 0"],
  citrus: ["", circle(18) + circle(14) + around(8, ray(3, 12))],
  apple: ["M0-9C-6-14-19-12-17 4C-15 16-6 20 0 16C6 20 15 16 17 4C19-12 6-14 0-9", "M0-9Q0-15 4-19"],
  wheat: ["M0-20q6 6 0 11q-6-5 0-11M2-7q9-3 10 5q-8 2-10-5M-2-7q-9-3-10 5q8 2 10-5M2 3q9-3 10 5q-8 2-10-5M-2 3q-9-3-10 5q8 2 10-5", "M0-8V20"],
  bee: ["", "M0-19L16-9.5V9.5L0 19L-16 9.5V-9.5zM0-10L8-5V5L0 10L-8 5V-5z"],
  leaf: ["", LEAF + "M0 8L7 2M0 2L-7-4"],
  daisy: [circle(5), around(9, petal(19, 6))],
  sprig: ["M0-20q7 5 0 11q-7-6 0-11M1-4q6-8 14-5q-4 9-14 5M-1-4q-6-8-14-5q4 9 14 5M1 8q6-8 14-5q-4 9-14 5M-1 8q-6-8-14-5q4 9 14 5", "M0-10V20"],
  mint: ["", LEAF + "M0 11L8 4M0 4L9-3M0 11L-8 4M0 4L-9-3M0-4L5-9M0-4L-5-9"],
  rosehip: ["M0-8C14-8 12 16 0 17C-12 16-14-8 0-8", "M-7 18L0 14L7 18M0-8Q1-15 7-19"],
  berry: [circle(7, -7, 5) + "z" + circle(7, 8, 8) + "z" + circle(6, 2, -8) + "z", "M2-14Q6-18 12-18"],
  rose: ["", circle(17) + circle(11) + "M-5 2C-6-8 8-7 5 2C3 8-4 5-1 0"],
  moon: ["M6-18A18 18 0 1 0 18 8A15 15 0 0 1 6-18", ""],
  drop: ["M0-19C8-8 14-1 14 6A14 13 0 0 1-14 6C-14-1-8-8 0-19", ""],
  lavender: ["M0-20q5 4 0 8q-5-4 0-8M5-13q5 4 0 8q-5-4 0-8M-5-13q5 4 0 8q-5-4 0-8M5-4q5 4 0 8q-5-4 0-8M-5-4q5 4 0 8q-5-4 0-8", "M0-12V20"],
  almond: ["M0-19C13-8 14 12 0 18C-14 12-13-8 0-19", ""],
  cocoa: ["", "M0-19C15-10 15 10 0 19C-15 10-15-10 0-19M0-19C5-8 5 8 0 19M0-19C-5-8-5 8 0 19"],
  plus: ["M-6-18h12v12h12v12h-12v12h-12v-12h-12v-12h12z", ""],
  flax: [circle(3), around(5, petal(19, 12))],
  aloe: ["M0 18Q-9-4 0-20Q9-4 0 18M-3 18Q-18 8-17-8Q-6 2-3 18M3 18Q18 8 17-8Q6 2 3 18", ""],
};

/** The mark `name` of `size` px around x, y in one ink. */
export function emblem(name, x, y, size, ink) {
  const [filled, stroked] = marks[name] ?? marks.leaf;
  const scale = size / 40;
  return `<g transform="translate(${n(x)} ${n(y)})scale(${Math.round(scale * 100) / 100})">${filled ? `<path d="${filled}" fill="${ink}"/>` : ""}${stroked ? `<path d="${stroked}" fill="none" stroke="${ink}" stroke-width="2" stroke-linecap="round"/>` : ""}</g>`;
}

export const emblems = Object.keys(marks);
