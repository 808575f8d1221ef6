// Flash sales: how to open one, get ready for it, and what a shopper does in it.
import assert from "node:assert/strict";
import { BASE_URL, standsStill, tabThrough } from "./browser.mjs";
import { chooseCard } from "./card.mjs";
import { staff } from "./staff.mjs";

/** How long the sales last: longer than everything that is tried. */
const LAST_MS = 60 * 60_000;
/** The listing is renewed every 30 seconds; a sale that starts so much later is seen before it opens. */
const SEEN_BEFORE_MS = 50_000;

/** Opens a sale of `items` ([sku, price in cents]) that begins in `inMs`. Each item may be in one sale only. */
async function openSale(name, items, { limit = 2, waitingRoom = false, inMs = -1_000, perSecond = 50 } = {}) {
  const from = Date.now() + inMs;
  return staff("/admin/flash-sales", {
    name, limit_per_customer: limit, expected_per_second: perSecond, waiting_room: waitingRoom,
    starts_at: new Date(from).toISOString(), ends_at: new Date(from + LAST_MS).toISOString(),
    items: items.map(([sku, amount]) => ({ sku, price: { amount, currency: "USD" } })),
  });
}

/** Waits until the listing tells of these sales. */
async function untilListed(...ids) {
  for (let tries = 0; tries < 120; tries += 1) {
    const { sales } = await (await fetch(`${BASE_URL}/flash/products`)).json();
    if (ids.every((id) => sales.some((sale) => sale.id === id))) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(`the listing does not tell of ${ids}`);
}

/** Opens the sales that the journeys and the pictures are about, all at once: the listing takes half a minute to tell of them. */
export async function openSales() {
  await leave("QRN-HRB-THY", 1);
  await leave("TNT-LIP-ORG", 2);
  const opened = await Promise.all([
    openSale("The slow evening", [["HOL-ROO-060", 1_290], ["NJR-CDL-PLN", 1_390], ["TNT-LIP-ORG", 290], ["NJR-EYE-LAV", 990]], { limit: 3 }),
    openSale("Saturday kitchen", [["QRN-FLX-250", 790]], { inMs: 26 * 3_600_000, waitingRoom: true }),
    openSale("The honey hour", [["QRN-HON-250", 690]]),
    openSale("The oat hour", [["QRN-OAT-3KG", 1_200]]),
    openSale("The thyme hour", [["QRN-HRB-THY", 900]]),
    openSale("The salt hour", [["QRN-SAL-SMK", 500]], { limit: 1 }),
    openSale("The sencha hour", [["HOL-SEN-100", 1_900]]),
    openSale("The vinegar hour", [["QRN-ACV-1LT", 900]]),
  ]);
  await untilListed(...opened.map(({ id }) => id));
}

/** Leaves exactly `left` units of `sku` on the shelf. */
export async function leave(sku, left) {
  const { available } = await staff(`/admin/stock/${sku}`);
  await staff(`/admin/stock/${sku}`, { change: left - available, reason: "Browser tests" });
}

/** Fills the short form, wherever it stands. */
export async function fillDetails(place, card = "tok_approve") {
  await place.getByLabel("Country").selectOption("DE");
  await place.getByLabel("E-mail").fill("ada@example.com");
  await place.getByLabel("Full name").fill("Ada Lovelace");
  await place.getByLabel("Street and house number").fill("Hauptstraße 1");
  await place.getByLabel("Town or city").fill("Berlin");
  await place.getByLabel("Postal code").fill("10115");
  await chooseCard(place);
  await place.getByLabel("Test card").selectOption(card);
}

/** Opens the sale's page and prepares the shopper for one tap. */
export async function getReady(page) {
  await page.goto("/shop/sale");
  await page.getByRole("button", { name: "Get ready" }).click();
  const details = page.getByRole("dialog", { name: "Your details" });
  await fillDetails(details);
  await details.getByRole("button", { name: "Keep them for this visit" }).click();
  await page.getByText("One tap buys", { exact: true }).waitFor();
}

/** One item of a sale on its page. */
export const itemOf = (page, sale, name) => page.getByRole("region", { name: sale }).getByRole("article").filter({ hasText: name });

const thanks = (page) => page.getByRole("heading", { level: 1, name: "Thank you, it is yours" }).waitFor();

/** The journeys of a sale, each in one of its own. */
export const SALE_JOURNEYS = {
  "buy in a flash sale with one tap, at the sale's price, and find nothing of oneself in the browser's storage": async ({ page }) => {
    await page.goto("/");
    await page.getByRole("navigation", { name: "Shop" }).getByRole("link", { name: "Sale" }).click();
    await getReady(page);
    const item = itemOf(page, "The honey hour", "Heather Honey");
    await item.getByText(/About \$\d+\.\d\d to Germany, with delivery and tax/).waitFor();
    const about = (await item.getByText(/About \$/).innerText()).match(/\$(\d+\.\d\d)/)[1];
    await item.getByRole("button", { name: /^Buy for \$6\.90/ }).click();
    await thanks(page);
    assert.equal(await page.locator(".totals-all dd").innerText(), `$${about}`, "what was said to come to is what is charged");
    await page.getByText("1 × $6.90").waitFor();
    const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.doesNotMatch(stored, /ada@|Lovelace|Hauptstra|tok_/);
  },

  "buy in a flash sale without being ready: the details are asked for once, and a declined card can be changed": async ({ page }) => {
    await page.goto("/shop/sale");
    const item = itemOf(page, "The oat hour", "Stoneground Oats");
    await item.getByRole("button", { name: /^Buy for/ }).click();
    const dialog = page.getByRole("dialog", { name: "Buy Stoneground Oats" });
    await dialog.getByRole("button", { name: "Buy for $12.00" }).click();
    await dialog.getByText(/things need mending/).waitFor();
    await fillDetails(dialog, "tok_decline");
    await dialog.getByRole("button", { name: "Buy for $12.00" }).click();
    const alert = item.getByRole("alert");
    await alert.getByText("Payment could not be processed. Please try again or use different payment method.", { exact: true }).waitFor();
    await alert.getByRole("button", { name: "Pay another way" }).click();
    await dialog.getByLabel("Test card").selectOption("tok_approve");
    await dialog.getByRole("button", { name: "Buy for $12.00" }).click();
    await thanks(page);
  },

  "whoever comes too late for the last one of a sale is told so in the fixed words": async ({ page, another }) => {
    await getReady(page);
    await itemOf(page, "The thyme hour", "Windowsill Herb Kit").getByText("The last one").waitFor();
    const quicker = await another();
    await getReady(quicker);
    await itemOf(quicker, "The thyme hour", "Windowsill Herb Kit").getByRole("button", { name: /^Buy for/ }).click();
    await thanks(quicker);
    await itemOf(page, "The thyme hour", "Windowsill Herb Kit").getByRole("button", { name: /^Buy for/ }).click();
    const alert = itemOf(page, "The thyme hour", "Windowsill Herb Kit").getByRole("alert");
    await alert.getByText("This item is no longer available.", { exact: true }).waitFor();
    assert.ok(await itemOf(page, "The thyme hour", "Windowsill Herb Kit").getByRole("button", { name: /^Sold out/ }).isDisabled());
  },

  "nobody gets more of a sale than their share": async ({ page }) => {
    await getReady(page);
    const item = itemOf(page, "The salt hour", "Flaked Sea Salt");
    await item.getByRole("button", { name: /^Buy for/ }).click();
    await thanks(page);
    await page.getByRole("navigation", { name: "Shop" }).getByRole("link", { name: "Sale" }).click();
    await page.getByText("One tap buys", { exact: true }).waitFor();
    await item.getByRole("button", { name: /^Buy for/ }).click();
    await item.getByRole("alert").getByText("You have your share").waitFor();
  },

  "a place in the line of a sale outlives a reload, and buys by itself when its turn comes": async ({ page }) => {
    const sale = await openSale("The almond hour", [["QRN-ALM-CRU", 790]], { waitingRoom: true, inMs: SEEN_BEFORE_MS, perSecond: 5 });
    await untilListed(sale.id);
    await page.goto(`/shop/sale/queue/${sale.id}?sku=QRN-ALM-CRU&quantity=1`);
    await page.getByRole("heading", { level: 1, name: "You are in line" }).waitFor();
    const number = () => page.locator(".queue-figures dd").first().innerText();
    const before = await number();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "You are in line" }).waitFor();
    assert.equal(await number(), before, "a reload keeps the place");
    const details = page.getByRole("region", { name: "Get ready while you wait" });
    await fillDetails(details);
    await details.getByRole("button", { name: "Buy as soon as it is my turn" }).click();
    await page.getByText("We buy as soon as it is your turn").waitFor();
    await page.getByRole("heading", { level: 1, name: "Thank you, it is yours" }).waitFor({ timeout: 90_000 });
  },

  "a sale that is not open yet opens by the shop's time, whatever the device's clock says": async ({ page }) => {
    await page.addInitScript(() => {
      const real = Date.now;
      Date.now = () => real() + 3_600_000;
    });
    const sale = await openSale("The chocolate hour", [["QRN-CHO-SLT", 350]], { inMs: SEEN_BEFORE_MS });
    await untilListed(sale.id);
    await page.goto("/shop/sale");
    const region = page.getByRole("region", { name: "The chocolate hour" });
    await region.getByText("Opens soon").waitFor();
    await region.getByRole("button", { name: /^Buy for/ }).waitFor({ timeout: 60_000 });
    await region.getByText("Open now").waitFor();
  },

  "a sale works with the keyboard alone": async ({ page }) => {
    await page.goto("/shop/sale");
    const item = itemOf(page, "The sencha hour", "First Flush Sencha");
    await item.waitFor();
    await tabThrough(page, item.getByRole("button", { name: /^Buy for/ }));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Buy First Flush Sencha" });
    await dialog.getByRole("radio", { name: /^Card/ }).waitFor();
    const type = async (label, text) => {
      await tabThrough(page, dialog.getByLabel(label));
      await page.keyboard.type(text);
    };
    await type("E-mail", "ada@example.com");
    await type("Country", "Germany");
    await type("Full name", "Ada Lovelace");
    await type("Street and house number", "Hauptstraße 1");
    await type("Town or city", "Berlin");
    await type("Postal code", "10115");
    await tabThrough(page, dialog.getByRole("radio", { name: /^Card/ }));
    await page.keyboard.press("Space");
    await type("Test card", "Approved at once");
    await tabThrough(page, dialog.getByRole("button", { name: "Buy for $19.00" }));
    await page.keyboard.press("Enter");
    await thanks(page);
  },

  "a sale while payments rest: nothing is charged, and the button waits and then sends the same order": async ({ page }) => {
    await getReady(page);
    const keys = [];
    let resting = true;
    await page.route("**/flash/checkout", (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      if (!resting) return route.continue();
      const problem = { status: 503, code: "payments_unavailable", detail: "System experiencing high traffic. Please try again shortly.", instance: "urn:request:r-1" };
      return route.fulfill({ status: 503, headers: { "retry-after": "5" }, contentType: "application/problem+json", body: JSON.stringify(problem) });
    });
    const item = itemOf(page, "The vinegar hour", "Apple Cider Vinegar");
    await item.getByRole("button", { name: /^Buy for/ }).click();
    const alert = item.getByRole("alert");
    await alert.getByText("System experiencing high traffic. Please try again shortly.", { exact: true }).waitFor();
    await alert.getByText(/Nothing was charged/).waitFor();
    resting = false;
    await alert.getByRole("button", { name: "Try again" }).click();
    await thanks(page);
    assert.equal(new Set(keys).size, 1, "one key for one order");
  },
};

/** Every page of a sale and every state that is looked at and judged. */
export const SALE_PAGES = [
  ["sale", (page) => page.goto("/shop/sale")],
  ["sale-ready", getReady],
  ["sale-details", async (page) => {
    await page.goto("/shop/sale");
    await page.getByRole("button", { name: /^Buy for/ }).first().click();
    await page.getByRole("dialog").getByRole("radio", { name: /^Card/ }).waitFor();
  }],
  ["sale-later", async (page) => {
    await getReady(page);
    await page.route("**/flash/checkout", (route) =>
      route.fulfill({ status: 503, headers: { "retry-after": "40" }, contentType: "application/problem+json", body: JSON.stringify({ status: 503, code: "payments_unavailable", instance: "urn:request:r-1" }) }));
    await page.getByRole("button", { name: /^Buy for/ }).first().click();
    await page.getByRole("alert").waitFor();
  }],
  ["sale-gone", async (page) => {
    await getReady(page);
    await page.route("**/flash/checkout", (route) =>
      route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ status: 409, code: "out_of_stock", detail: "This item is no longer available." }) }));
    await page.getByRole("button", { name: /^Buy for/ }).first().click();
    await page.getByRole("alert").waitFor();
  }],
  ["queue", async (page) => {
    const { sales } = await (await page.request.get("/flash/products")).json();
    const sale = sales.find((one) => one.name === "Saturday kitchen");
    await page.goto(`/shop/sale/queue/${sale.id}`);
    await page.locator(".queue-figures").waitFor();
    await page.getByRole("radio", { name: /^Card/ }).waitFor();
  }],
  ["sale-narrow", async (page) => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto("/shop/sale");
    await standsStill(page);
  }],
  // A window of 1280 × 1024 at 400 %.
  ["sale-zoomed", async (page) => {
    await page.setViewportSize({ width: 320, height: 256 });
    await getReady(page);
  }],
];
