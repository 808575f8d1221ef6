// Paths from points: short numbers, rounded corners, turned shapes.

/** A number as short as it can be without being seen: tenths below 20, whole numbers above. */
export const n = (value) => String(Math.abs(value) < 20 ? Math.round(value * 10) / 10 : Math.round(value)).replace(/^(-?)0\./, "$1.");

/** Numbers joined for path data: a minus sign needs no space before it. */
export const pt = (...values) => values.map(n).reduce((all, next) => all + (next.startsWith("-") ? "" : " ") + next);

/** A polygon with rounded corners; each point is [x, y, radius = 0]. */
export function poly(points) {
  const count = points.length;
  let [d, pen] = ["", []];
  const line = (x, y) => {
    const [to, from] = [[n(x), n(y)], pen];
    if (!d) d = "M" + pt(x, y);
    else if (to[0] !== from[0] || to[1] !== from[1]) d += to[0] === from[0] ? "V" + to[1] : to[1] === from[1] ? "H" + to[0] : "L" + pt(x, y);
    pen = to;
  };
  for (let at = 0; at < count; at++) {
    const [x, y, radius = 0] = points[at];
    const [px, py] = points[(at + count - 1) % count];
    const [nx, ny] = points[(at + 1) % count];
    if (!radius) {
      line(x, y);
      continue;
    }
    const before = Math.hypot(px - x, py - y);
    const after = Math.hypot(nx - x, ny - y);
    const r = Math.min(radius, before / 2, after / 2);
    line(x + ((px - x) / before) * r, y + ((py - y) / before) * r);
    const [ex, ey] = [x + ((nx - x) / after) * r, y + ((ny - y) / after) * r];
    d += "Q" + pt(x, y, ex, ey);
    pen = [n(ex), n(ey)];
  }
  return d + "z";
}

/** A shape turned around the vertical axis: the right half from the top down, mirrored. */
export const lathe = (half) => poly([...half, ...half.map(([x, ...rest]) => [-x, ...rest]).reverse()]);

/** A rectangle with rounded corners as path data. */
export const box = (x, y, w, h, r = 0) => poly([[x, y, r], [x + w, y, r], [x + w, y + h, r], [x, y + h, r]]);

/** An ellipse as path data. */
export const oval = (cx, cy, rx, ry = rx) => `M${pt(cx - rx, cy)}a${pt(rx, ry)} 0 1 0${pt(2 * rx, 0).startsWith("-") ? "" : " "}${pt(2 * rx, 0)}a${pt(rx, ry)} 0 1 0 ${pt(-2 * rx, 0)}z`;

/** The same pseudo-random numbers in [0, 1) for the same seed, so that every run writes the same pictures. */
export function chance(seed) {
  let state = [...String(seed)].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619), 2166136261) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}
