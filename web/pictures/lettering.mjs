// Lettering that fits. A picture cannot load a web font, so widths are measured conservatively: for each
// character the wider of Georgia and Times, in hundredths of an em. `textLength` then holds every line to
// the measured width whatever font the reader has.
import { n } from "./geometry.mjs";

const WIDTHS = (
  "25 33 41 64 61 83 78 22 38 38 50 64 27 37 27 47 61 50 56 55 56 53 57 50 60 57 31 31 64 64 64 48 93 72 67 67 75 65 60 73 81 39 52 72 61 93 77 74 61 74 70 56 62 76 72 98 72 72 61 38 47 38 64 " +
  "64 50 50 56 45 57 48 33 51 58 29 29 54 29 88 59 54 57 56 41 43 35 58 50 74 50 50 44 48 38 48 64"
).split(" ").map(Number);

/** The width of a line at font size 1, in em; `track` is added between letters. */
export const measure = (text, track = 0) =>
  [...text].reduce((sum, letter) => sum + (WIDTHS[letter.charCodeAt(0) - 32] ?? 70) / 100, 0) + track * Math.max(0, text.length - 1);

/** Every way to break words over at most `limit` lines. */
function breaks(words, limit) {
  if (words.length === 0) return [[]];
  if (limit === 1) return [[words.join(" ")]];
  return words.flatMap((_, at) => breaks(words.slice(at + 1), limit - 1).map((rest) => [words.slice(0, at + 1).join(" "), ...rest]));
}

export const LEADING = 1.14;

/** The largest size, and the line breaks, with which `text` fits a room of w × h. */
export function fit(text, w, h, { largest = 60, lines = 4, track = 0 } = {}) {
  const fitted = breaks(text.split(" "), lines).map((broken) => {
    const widest = Math.max(...broken.map((line) => measure(line, track)));
    const spread = widest - Math.min(...broken.map((line) => measure(line, track)));
    const size = Math.min(largest, w / widest, h / (broken.length * LEADING));
    return { lines: broken, size: Math.floor(size), score: size - broken.length * 0.8 - (spread / widest) * 2 };
  });
  return fitted.reduce((best, next) => (next.score > best.score ? next : best));
}

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** One line of lettering, centred on x, held to its measured width and remembered on the sheet for the check. */
export function line(sheet, text, x, y, size, { room = Infinity, track = 0 } = {}) {
  const width = measure(text, track) * size;
  sheet.lettering.push({ text, size, width, room });
  return `<text x="${n(x)}" y="${n(y)}" font-size="${n(size)}" textLength="${Math.round(width)}">${escape(text)}</text>`;
}
