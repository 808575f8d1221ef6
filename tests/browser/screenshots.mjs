// Takes a picture of every page in light, in dark and on a phone, to be looked at: `node screenshots.mjs [page …]`.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LOOKS, newShopper, startBrowser } from "./browser.mjs";
import { open, PAGES } from "./pages.mjs";

/** Pictures of all pages, or of those in `wanted`, into the folder `screenshots`. */
export async function takeScreenshots(browser, wanted = []) {
  const folder = fileURLToPath(new URL("screenshots/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const [look, options] of Object.entries(LOOKS)) {
    for (const [name, way] of PAGES) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const { context, page } = await newShopper(browser, options);
      await open(page, way);
      const inWindow = await page.locator("dialog[open]").count();
      if (inWindow === 0) await scrollThrough(page);
      await page.screenshot({ path: `${folder}${name}-${look}.png`, fullPage: inWindow === 0 });
      await context.close();
    }
  }
}

/** Shows every part of the page once, so that pictures which load late are there. */
async function scrollThrough(page) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let at = 0; at < height; at += 600) {
    await page.evaluate((place) => window.scrollTo(0, place), at);
    await page.waitForTimeout(30);
  }
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(100);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const browser = await startBrowser();
  await takeScreenshots(browser, process.argv.slice(2));
  await browser.close();
}
