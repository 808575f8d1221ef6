// Runs the journeys, judges every page and keeps its picture. Reads BASE_URL (the shop), STAFF_TOKEN (an admin's, for coupons, stock
// and parcels), CHROMIUM (the browser). `node run.mjs [words]` runs what has the words in its name; `--no-pictures` leaves the pictures out.
import { newShopper, startBrowser } from "./browser.mjs";
import { JOURNEYS, judgements, restock } from "./journeys.mjs";
import { openSales } from "./sales.mjs";

/** How long one trial may take, in milliseconds, and how long its pages may take to close: whatever the browser does, the run ends. */
const TRIAL_MOST = 180_000;
const CLOSING_MOST = 10_000;
/** Shoppers in the shop at once. */
const AT_ONCE = 3;
const words = process.argv.slice(2).filter((word) => !word.startsWith("--")).join(" ");
const pictures = !process.argv.includes("--no-pictures");
const trials = [...Object.entries(JOURNEYS), ...judgements(pictures)].filter(([name]) => name.includes(words));

await restock();
await openSales();
const browser = await startBrowser();
let failed = 0;
const waiting = [...trials];
/** Runs what waits, one after the other: most of a journey is waiting, so a few shoppers are in the shop at once. */
async function visit() {
  for (let next = waiting.shift(); next; next = waiting.shift()) await attempt(next);
}
async function attempt([name, trial, look]) {
  const began = Date.now();
  const { context, page, complaints } = await newShopper(browser, look);
  const others = [];
  // A second shopper, who leaves with the first.
  const another = async () => {
    const other = await newShopper(browser);
    others.push(other.context);
    return other.page;
  };
  try {
    await within(TRIAL_MOST, trial({ page, browser, another }));
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    console.log(`ok    ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll("\n", "\n      ")}`);
  } finally {
    for (const one of [context, ...others]) await within(CLOSING_MOST, one.close()).catch((error) => console.log(`note  ${name}: its pages do not close: ${error.message}`));
  }
}
/** What `work` comes to, unless that takes longer than `most` milliseconds. */
async function within(most, work) {
  let timer;
  const over = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${most / 1000} s`)), most);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}
await Promise.all(Array.from({ length: AT_ONCE }, visit));
await within(CLOSING_MOST, browser.close()).catch(() => {});
console.log(`${trials.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
