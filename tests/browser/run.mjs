// Runs the journeys, judges every page and keeps its picture. Reads BASE_URL (the shop), STAFF_TOKEN (an admin's, for coupons, stock
// and parcels), CHROMIUM (the browser). `node run.mjs [words]` runs what has the words in its name; `--no-pictures` leaves the pictures out.
import { newShopper, startBrowser } from "./browser.mjs";
import { JOURNEYS, judgements, restock } from "./journeys.mjs";

const words = process.argv.slice(2).filter((word) => !word.startsWith("--")).join(" ");
const pictures = !process.argv.includes("--no-pictures");
const trials = [...Object.entries(JOURNEYS), ...judgements(pictures)].filter(([name]) => name.includes(words));

await restock();
const browser = await startBrowser();
let failed = 0;
for (const [name, trial, look] of trials) {
  const began = Date.now();
  const { context, page, complaints } = await newShopper(browser, look);
  try {
    await trial({ page, browser });
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    console.log(`ok    ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll("\n", "\n      ")}`);
  } finally {
    await context.close();
  }
}
await browser.close();
console.log(`${trials.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
