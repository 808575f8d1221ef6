// Writes every picture of the demo shop into web/public/pictures: node web/pictures/render.mjs
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { draw } from "./draw.mjs";
import { drawCategory, drawFavicon, drawHero, drawLogo } from "./scenes.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const readCatalog = () => JSON.parse(readFileSync(join(here, "../../demo/catalog.json"), "utf8"));

/** Every picture as [file name, SVG]. */
export function pictures({ categories, products }) {
  const bySlug = new Map(categories.map((category) => [category.slug, category]));
  const scenes = [...categories.map((category) => [`category-${category.slug}.svg`, drawCategory(category, products)]), ["hero.svg", drawHero(products)], ["logo.svg", drawLogo()], ["favicon.svg", drawFavicon()]];
  const ofProducts = products.flatMap((product) => {
    const category = bySlug.get(product.category);
    const options = Object.keys(product.picture.options ?? {});
    return [[`${product.id}.svg`, draw(product, category)], ...options.map((option) => [`${product.id}--${option}.svg`, draw(product, category, option)])];
  });
  return [...ofProducts, ...scenes];
}

function write(folder) {
  mkdirSync(folder, { recursive: true });
  const all = pictures(readCatalog());
  for (const [name, art] of all) writeFileSync(join(folder, name), art);
  console.log(`pictures: ${all.length} drawn in ${folder}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write(process.argv[2] ?? join(here, "../public/pictures"));
