// Holds the demo catalog and its pictures to their rules: node --test web/pictures/check.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { contrast, legible, palette } from "./colour.mjs";
import { kinds, sheetOf } from "./draw.mjs";
import { emblems } from "./emblems.mjs";
import { fit, measure } from "./lettering.mjs";
import { pictures, readCatalog } from "./render.mjs";

const catalog = readCatalog();
const { categories, products } = catalog;
const variants = products.flatMap((product) => product.variants);
const drawn = pictures(catalog);
const KB6 = 6 * 1024;

const twice = (values) => values.filter((value, at) => values.indexOf(value) !== at);

/** The first fault that keeps `text` from being well-formed XML as these pictures use it, or null. */
function fault(text) {
  const open = [];
  let rest = text.trim();
  while (rest) {
    const [piece, end, name, attributes = "", empty] = rest.match(/^<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/) ?? [];
    if (piece) {
      const names = [...attributes.matchAll(/([\w:-]+)=/g)].map(([, key]) => key);
      if (twice(names).length) return `attribute twice: ${piece}`;
      if (end && open.pop() !== name) return `closes what is not open: ${piece}`;
      if (!end && !empty) open.push(name);
      rest = rest.slice(piece.length);
    } else if (rest[0] === "<") return `not a tag: ${rest.slice(0, 60)}`;
    else {
      const words = rest.slice(0, rest.search(/<|$/));
      if (!open.length) return `text outside the root: ${words}`;
      if (/&(?!(amp|lt|gt|quot|#\d+);)/.test(words)) return `bare ampersand: ${words}`;
      rest = rest.slice(words.length);
    }
  }
  return open.length ? `never closed: ${open.join(" ")}` : null;
}

test("ids and SKUs are unique and short", () => {
  assert.deepEqual(twice(products.map(({ id }) => id)), []);
  assert.deepEqual(twice(variants.map(({ sku }) => sku)), []);
  for (const { id } of products) assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  for (const { sku } of variants) assert.match(sku, /^[A-Z]{3}-[A-Z0-9]{3}-[A-Z0-9]{3}$/);
});

test("every product belongs to a known category and every category has products", () => {
  const slugs = categories.map(({ slug }) => slug);
  for (const { id, category } of products) assert.ok(slugs.includes(category), `${id}: ${category}`);
  for (const slug of slugs) assert.ok(products.some(({ category }) => category === slug), slug);
});

test("prices are plain decimals, and an offer is lower than the price it is compared with", () => {
  for (const { sku, price, compare_at } of variants) {
    assert.match(price, /^\d{1,4}\.\d{2}$/, sku);
    if (compare_at === undefined) continue;
    assert.match(compare_at, /^\d{1,4}\.\d{2}$/, sku);
    assert.ok(Number(compare_at) > Number(price), sku);
  }
});

test("weights and stock are whole numbers", () => {
  for (const { sku, weight_grams, stock } of variants) {
    assert.ok(Number.isInteger(weight_grams) && weight_grams > 0, sku);
    assert.ok(Number.isInteger(stock) && stock >= 0, sku);
  }
});

test("variants of a product differ in their options, and each option is named by all of them", () => {
  for (const { id, variants: own } of products) {
    assert.deepEqual(twice(own.map(({ options }) => JSON.stringify(options))), [], id);
    assert.equal(new Set(own.map(({ options }) => Object.keys(options).join())).size, 1, id);
  }
});

test("the catalog shows every situation of a shop: offers, low stock, sold out, featured", () => {
  assert.ok(variants.filter(({ compare_at }) => compare_at).length >= 10);
  assert.ok(variants.filter(({ stock }) => stock > 0 && stock <= 5).length >= 5);
  assert.ok(variants.filter(({ stock }) => stock === 0).length >= 3);
  const featured = products.map((product) => product.featured).filter(Boolean);
  assert.ok(featured.length >= 8);
  assert.deepEqual(twice(featured), []);
});

test("the words are calm: two or three short paragraphs, no exclamation marks, names that fit the API", () => {
  for (const product of products) {
    const paragraphs = product.description.split("\n\n");
    assert.ok(paragraphs.length >= 2 && paragraphs.length <= 3, product.id);
    assert.ok(!JSON.stringify([product.name, product.description, product.attributes]).includes("!"), product.id);
    assert.ok(product.name.length <= 255 && product.description.length <= 2000, product.id);
  }
});

test("every variant that names a picture has one", () => {
  const names = new Set(drawn.map(([name]) => `/pictures/${name}`));
  for (const { sku, image_url } of variants) if (image_url) assert.ok(names.has(image_url), `${sku}: ${image_url}`);
});

test("every product has a picture of its own and no two are alike", () => {
  for (const { id } of products) assert.ok(drawn.some(([name]) => name === `${id}.svg`), id);
  assert.deepEqual(twice(drawn.map(([name]) => name)), []);
  const first = drawn.filter(([name]) => !name.includes("--")).map(([, art]) => art.replace(/<title>.*?<\/title>/, "").replace(/<text.*?<\/text>/g, ""));
  assert.equal(new Set(first).size, first.length);
});

test("every category, the home page and the shop's mark have a picture", () => {
  const names = drawn.map(([name]) => name);
  for (const wanted of [...categories.map(({ slug }) => `category-${slug}.svg`), "hero.svg", "logo.svg", "favicon.svg"]) assert.ok(names.includes(wanted), wanted);
});

test("every picture is well-formed XML", () => {
  for (const [name, art] of drawn) assert.equal(fault(art), null, name);
  assert.match(fault('<svg><path d="M0 0"></svg>'), /closes/);
  assert.match(fault("<svg><text>Ginger & Lemongrass</text></svg>"), /ampersand/);
});

test("every picture is at most 6 KB", () => {
  for (const [name, art] of drawn) assert.ok(Buffer.byteLength(art) <= KB6, `${name}: ${Buffer.byteLength(art)} bytes`);
});

test("every picture stands alone: no scripts, no styles, nothing from elsewhere, no number that failed, no missing reference", () => {
  for (const [name, art] of drawn) {
    assert.doesNotMatch(art, /<script|<style|<image|<foreignObject|\son\w+=|NaN|undefined|Infinity/, name);
    assert.doesNotMatch(art.replace(' xmlns="http://www.w3.org/2000/svg"', ""), /https?:|data:|url\((?!#)/, name);
    const ids = new Set([...art.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    assert.deepEqual(twice([...art.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)), [], name);
    for (const [, id] of art.matchAll(/(?:href="#|url\(#)([^")]+)/g)) assert.ok(ids.has(id), `${name}: #${id}`);
  }
});

test("the same catalog gives the same bytes", () => {
  assert.deepEqual(pictures(catalog), drawn);
});

test("every line of lettering fits its room and every product shows its name", () => {
  for (const product of products) {
    const category = categories.find(({ slug }) => slug === product.category);
    const { lettering } = sheetOf(product, category);
    for (const { text, width, room } of lettering) assert.ok(width <= room + 0.5, `${product.id}: ${text} is ${width} wide in ${room}`);
    const said = lettering.map(({ text }) => text).join(" ");
    assert.ok(said.includes(product.picture.title ?? product.name), `${product.id} says: ${said}`);
    assert.ok(Math.max(...lettering.map(({ size }) => size)) >= 20, `${product.id}: lettering too small`);
  }
});

test("pictures use only kinds, colours and marks that exist", () => {
  for (const { id, picture } of products) {
    assert.ok(picture.kind in kinds, `${id}: ${picture.kind}`);
    for (const key of ["colour", "capColour", "fill", "accent", "second", "paper"]) if (picture[key]) assert.ok(picture[key] in palette, `${id}: ${picture[key]}`);
    if (picture.emblem) assert.ok(emblems.includes(picture.emblem), `${id}: ${picture.emblem}`);
  }
});

test("inks are readable on what they are printed on", () => {
  for (const tone of Object.keys(palette)) for (const ground of ["paper", "amber", "apricot", "sage", "russet"]) assert.ok(contrast(legible(tone, ground), ground) >= 4.5 || legible(tone, ground) === palette.white || legible(tone, ground) === palette.ink, `${tone} on ${ground}`);
});

test("fitting keeps all words and stays inside the room", () => {
  for (const text of ["Oat", "Sea Buckthorn Day Cream", "Ginger & Lemongrass", "Cotton Resistance Bands"]) {
    const { lines, size } = fit(text, 200, 120);
    assert.equal(lines.join(" "), text);
    for (const line of lines) assert.ok(measure(line) * size <= 200);
  }
});
