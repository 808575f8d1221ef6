// Takes a picture of every page in light, in dark and on a phone, to be looked at: `node screenshots.mjs [page …]`.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LOOKS, newShopper, startBrowser } from "./browser.mjs";
import { open, PAGES } from "./pages.mjs";

const folder = fileURLToPath(new URL("screenshots/", import.meta.url));

/** The page as it stands, whole, or as much as the window shows where a dialog is open, as `screenshots/<name>-<look>.png`. */
export async function takePicture(page, name, look) {
  mkdirSync(folder, { recursive: true });
  const whole = (await page.locator("dialog[open]").count()) === 0;
  if (whole) await scrollThrough(page);
  await page.screenshot({ path: `${folder}${name}-${look}.png`, fullPage: whole });
}

/** Shows every part of the page once, so that pictures which load late are there. */
async function scrollThrough(page) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let at = 0; at < height; at += 600) {
    await page.evaluate((place) => window.scrollTo(0, place), at);
    await page.waitForTimeout(20);
  }
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(50);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  const browser = await startBrowser();
  for (const [look, options] of Object.entries(LOOKS)) {
    for (const [name, way] of PAGES) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const { context, page } = await newShopper(browser, options);
      await open(page, way);
      await takePicture(page, name, look);
      await context.close();
    }
  }
  await browser.close();
}
