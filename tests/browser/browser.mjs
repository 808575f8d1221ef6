// Starts the browser and gives journeys a page in a theme and a size.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Where the shop under test answers. */
export const BASE_URL = (process.env.BASE_URL ?? "http://127.0.0.1:3000").replace(/\/+$/, "");

/** The looks that every page is judged in. */
export const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

/** Debian's browser, or the one that CHROMIUM names. */
export async function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM`);
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A fresh shopper: no cookies, no storage. `complaints` collects what the page's console and its content security policy object to. */
export async function newShopper(browser, look = LOOKS.light) {
  const context = await browser.newContext({ baseURL: BASE_URL, locale: "en-US", reducedMotion: "reduce", ...look });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  return { context, page, complaints };
}

/** How long the network may take to be idle, in milliseconds. A copy that the browser renews behind the page is a request whose end is never told. */
const IDLE_MOST = 5_000;

/** Waits until a page stands still: no skeleton, pictures in view loaded, fonts there. */
export async function standsStill(page) {
  await page.waitForLoadState("networkidle", { timeout: IDLE_MOST }).catch(() => {});
  await page.waitForFunction(() => document.querySelectorAll("main .bone").length === 0);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** The serious and critical violations that axe finds on a page as it stands, seen from its top: what is scrolled half beneath a sticky bar would count as too small. */
export async function seriousViolations(page) {
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`);
}

/** Presses Tab until `locator` has the focus, as someone without a mouse does. */
export async function tabThrough(page, locator) {
  for (let steps = 0; steps < 120; steps += 1) {
    await page.keyboard.press("Tab");
    if (await locator.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`the keyboard does not reach ${locator}`);
}
