// Fails the build when the script that every page of the shop loads first outgrows its budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 110 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));

/** The entry, everything it imports, and the chunk of the page `source`: what a visitor downloads before that page can be used. */
function firstLoad(source) {
  const files = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const next of chunk.imports ?? []) visit(next);
  };
  visit("index.html");
  if (source) visit(source);
  return [...files].filter((file) => file.endsWith(".js"));
}

const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const pages = Object.keys(manifest).filter((key) => /Page\.tsx$/.test(key));
let heaviest = 0;
for (const page of [null, ...pages]) {
  const bytes = firstLoad(page).reduce((sum, file) => sum + size(file), 0);
  if (page === null || !/office|portal/.test(page)) heaviest = Math.max(heaviest, bytes);
  console.log(`first load ${(bytes / 1024).toFixed(1).padStart(6)} KB gzipped  ${page ?? "(shell)"}`);
}
if (heaviest > BUDGET_BYTES) {
  console.error(`first load is ${heaviest} bytes gzipped, the budget is ${BUDGET_BYTES}`);
  process.exit(1);
}
