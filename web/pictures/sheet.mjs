// A sheet of paper to draw on: ids, soft light, shadows, and the one way a solid body is painted.
import { colour } from "./colour.mjs";
import { n, pt } from "./geometry.mjs";

const SHADE = "#210";

/** An opacity without its leading zero. */
const share = (value) => String(value).replace(/^0\./, ".");

export class Sheet {
  constructor() {
    this.count = 0;
    this.quiet = false;
    this.used = new Set();
    this.lettering = [];
    this.outlines = [];
  }

  id() {
    return "abcdefghijklmnopqrstuvwxyz"[this.count % 26] + (this.count++ >= 26 ? this.count : "");
  }

  /** The outlines painted since the last call, for the cast shadow. */
  takeOutlines() {
    return this.outlines.splice(0);
  }

  /** Refer to a shared definition; only those referred to are written. */
  ref(name) {
    this.used.add(name);
    return `url(#${name})`;
  }

  /**
   * A body: flat colour, what lies in or on it, one soft light, what is printed on it, a shaded side.
   * `x0`, `x1`: its left and right edge; `shade`: where the shaded side begins (0 to 1), or path data; `light`: how strong, 0 for none.
   */
  solid(d, fill, { x0, x1, y0 = -900, y1 = 40, inside = "", print = "", shade = 0.64, deep = 0.17, light = 0.5, glass = false, cast = true } = {}) {
    const id = this.id();
    const w = x1 - x0;
    const outline = id.toUpperCase() + "_";
    if (cast) this.outlines.push(outline);
    let [lit, dark] = ["", ""];
    if (typeof shade === "string") dark += `<path d="${shade}" fill="${SHADE}" fill-opacity="${share(deep)}"/>`;
    else if (shade < 1) dark += `<path d="M${pt(x0 + w * shade, y0)}H${n(x1 + 9)}V${n(y1)}H${n(x0 + w * shade)}z" fill="${SHADE}" fill-opacity="${share(deep)}"/>`;
    if (glass) dark += `<path d="M${pt(x1 - w * 0.075, y0)}h${n(w * 0.028)}V${n(y1)}h${n(-w * 0.028)}z" fill="#fff" fill-opacity=".25"/>`;
    if (light > (this.quiet ? 0.36 : 0)) lit = `<path d="M${pt(x0 + w * 0.05, y0)}h${n(w * 0.25)}V${n(y1)}h${n(-w * 0.25)}z" fill="${this.ref("L")}" opacity="${share(light)}"/>`;
    const within = inside + lit + print + dark;
    if (!within && !cast) return `<path id="${outline}" d="${d}" fill="${colour(fill)}"/>`;
    return `<clipPath id="${id}"><path id="${outline}" d="${d}"/></clipPath><use href="#${outline}" fill="${colour(fill)}"/><g clip-path="url(#${id})">${within}</g>`;
  }

  /** A plain shape in one tone. */
  flat(d, fill, more = "") {
    return `<path d="${d}" fill="${colour(fill)}"${more}/>`;
  }

  /** A line in one tone. */
  stroke(d, tone, width, more = "") {
    return `<path d="${d}" fill="none" stroke="${colour(tone)}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round"${more}/>`;
  }

  /** The soft shadow where something of width `w` touches the ground. */
  contact(cx, y, w, strength = 1) {
    return `<ellipse cx="${n(cx + w * 0.05)}" cy="${n(y)}" rx="${n(w * 0.66)}" ry="${n(Math.max(9, w * 0.085))}" fill="${this.ref("S")}"${strength === 1 ? "" : ` opacity="${share(strength)}"`}/>`;
  }

  /** Outlines laid down on the ground to the right: the shadow of the light from the upper left. */
  cast(outlines, opacity = 0.1) {
    if (!outlines.length) return "";
    return `<g fill="${SHADE}" opacity="${share(opacity)}" transform="matrix(1 0-.62.24 0 0)">${outlines.map((id) => `<use href="#${id}"/>`).join("")}</g>`;
  }

  /** The shared definitions that were referred to. */
  definitions() {
    const all = {
      L: '<linearGradient id="L"><stop stop-color="#fff" stop-opacity="0"/><stop offset=".45" stop-color="#fff" stop-opacity=".8"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></linearGradient>',
      S: `<radialGradient id="S"><stop stop-color="${SHADE}" stop-opacity=".5"/><stop offset=".55" stop-color="${SHADE}" stop-opacity=".24"/><stop offset="1" stop-color="${SHADE}" stop-opacity="0"/></radialGradient>`,
      W: '<radialGradient id="W" cx=".22" cy=".12" r=".95"><stop stop-color="#fffaf0" stop-opacity=".75"/><stop offset="1" stop-color="#fffaf0" stop-opacity="0"/></radialGradient>',
      G: '<radialGradient id="G"><stop stop-color="#fff3c9" stop-opacity=".95"/><stop offset="1" stop-color="#ffe2a0" stop-opacity="0"/></radialGradient>',
      P: '<pattern id="P" width="97" height="83" patternUnits="userSpaceOnUse"><path d="M8 12l5 2M41 6l2 5M77 20l6-3M23 39l4 4M60 47l6 1M88 62l-3 5M14 70l5-2M47 74l2-5" stroke="#7a4a20" stroke-opacity=".1" stroke-width="1.4"/><path d="M31 20l4 3M68 33l3-4M5 50l5 1M38 58l4-2M80 76l5 2" stroke="#fff" stroke-opacity=".45" stroke-width="1.6"/></pattern>',
      K: '<pattern id="K" width="46" height="38" patternUnits="userSpaceOnUse"><path d="M4 6l5 2M20 4l3 4M36 10l5-3M12 18l4 3M29 20l6 1M42 27l-3 4M7 32l5-2M23 33l4-3" stroke="#6b3d18" stroke-opacity=".42" stroke-width="2.4" stroke-linecap="round"/></pattern>',
    };
    return [...this.used].map((name) => all[name]).join("");
  }
}
