// What a shopper does in the shop, step by step, in a real browser.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { LOOKS, newShopper, seriousViolations, standsStill, tabThrough } from "./browser.mjs";
import { payWithEachMethod } from "./methods.mjs";
import { buy, fillBag, fillCheckout, open, PAGES, payWith, SIZED } from "./pages.mjs";
import { PARTNER_JOURNEYS } from "./partners.mjs";
import { SALE_JOURNEYS } from "./sales.mjs";
import { takePicture } from "./screenshots.mjs";
import { staff } from "./staff.mjs";

const DECLINED = "Payment could not be processed. Please try again or use different payment method.";
const cents = (text) => Math.round(Number(text.replace(/[^0-9.-]/g, "")) * 100);

/** A coupon that takes ten per cent off; its code is new in each run. */
async function makeCoupon() {
  const code = `TRY${randomUUID().slice(0, 8).toUpperCase()}`;
  await staff("/admin/promotions", { code, label: "Ten per cent off", kind: "percentage", percent: 10 });
  return code;
}

/** Puts as much on the shelf as one run of all trials takes from it. */
export async function restock() {
  await staff("/admin/stock/RUS-MAG-120", { change: 60, reason: "Browser tests" });
  await staff("/admin/stock/RUS-MAG-060", { change: 10, reason: "Browser tests" });
}

/** Every journey by its name; each begins with a fresh shopper. */
export const JOURNEYS = {
  // Proves: S1-E03
  "browse, search, choose a variant, add, check out with a coupon, pay, and see the order paid with its timeline": async ({ page }) => {
    const code = await makeCoupon();
    await page.goto("/");
    await page.getByRole("link", { name: "Browse the shop" }).click();
    await page.getByRole("heading", { level: 1, name: "The whole shop" }).waitFor();
    await page.getByRole("searchbox").fill("magnesium");
    await page.getByRole("searchbox").press("Enter");
    await page.getByRole("heading", { level: 1, name: /Results for/ }).waitFor();
    await page.getByRole("link", { name: "Magnesium Glycinate" }).click();
    await page.getByRole("radio", { name: /120 capsules/ }).check();
    await page.getByRole("button", { name: "One more of Magnesium Glycinate" }).first().click();
    await page.locator(".buy-row").getByRole("button", { name: "Add to bag" }).click();
    const bag = page.getByRole("dialog", { name: "Your bag (2)" });
    await bag.getByText("120 capsules").waitFor();
    await bag.getByRole("button", { name: "Go to checkout" }).click();

    await fillCheckout(page);
    const pay = page.getByRole("button", { name: /^Pay / });
    const before = cents(await pay.innerText());
    await page.getByLabel(/Coupon code/).fill(code);
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("button", { name: `Remove the coupon ${code}` }).waitFor();
    // The sum may still be that of an address half typed: it follows within a moment.
    await page.waitForFunction(([button, most]) => Number(button.innerText.replace(/[^0-9.]/g, "")) * 100 < most, [await pay.elementHandle(), before]);
    const shown = await pay.innerText();

    await payWith(page, "tok_approve");
    await page.getByRole("heading", { level: 1, name: "Thank you, it is yours" }).waitFor();
    const timeline = page.locator(".timeline");
    await timeline.getByText("You placed the order").waitFor();
    await timeline.getByText("Paid", { exact: true }).waitFor();
    const charged = await page.locator(".totals-all dd").innerText();
    assert.equal(cents(charged), cents(shown), "what was shown is what is charged");
    await page.getByText("Ada Lovelace").waitFor();
    await page.getByText("ada@example.com").waitFor();
    await page.getByRole("button", { name: "Your bag, 0 items" }).waitFor();

    await page.getByRole("link", { name: "Orders" }).first().click();
    await page.locator(".orders-row").getByText("Paid").waitFor();
  },

  "a declined payment says so in the exact words, and another card pays": async ({ page }) => {
    await fillBag(page);
    await page.getByRole("button", { name: "Go to checkout" }).click();
    await fillCheckout(page);
    await payWith(page, "tok_decline");
    const alert = page.getByRole("alert").filter({ hasText: DECLINED });
    await alert.waitFor();
    assert.equal(await alert.locator("p").first().innerText(), DECLINED);
    await payWith(page, "tok_approve");
    await page.getByRole("heading", { level: 1, name: "Thank you, it is yours" }).waitFor();
  },

  "a payment whose answer is lost ends in one order that is charged once": async ({ page }) => {
    await fillBag(page);
    await page.getByRole("button", { name: "Go to checkout" }).click();
    await fillCheckout(page);
    await payWith(page, "tok_lost_answer");
    await page.waitForURL(/\/shop\/orders\//);
    await page.locator(".timeline").getByText("Paid", { exact: true }).waitFor({ timeout: 60_000 });
    await page.goto("/me/orders");
    await page.locator(".orders-row").first().waitFor();
    assert.equal(await page.locator(".orders-row").count(), 1);
  },

  "a paid order is cancelled, and the money goes back": async ({ page }) => {
    await buy(page);
    await page.getByRole("button", { name: "Cancel this order" }).click();
    await page.getByRole("dialog").getByLabel(/Why/).fill("Ordered twice");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the order" }).click();
    await page.locator(".order-state").getByText("Cancelled").waitFor();
    await page.locator(".timeline").getByText("Ordered twice").waitFor();
    await page.getByText(/Your money is on its way back|went back to/).first().waitFor();
  },

  "the shopper's details are hidden after 15 idle minutes, and come back for a person only": async ({ page }) => {
    await page.clock.install();
    await buy(page);
    await page.getByText("ada@example.com").waitFor();
    await page.clock.fastForward("16:00");
    await page.getByRole("button", { name: "Show my details" }).waitFor();
    assert.equal(await page.getByText("ada@example.com").count(), 0);
    assert.equal(await page.getByText("Ada Lovelace").count(), 0);
    const keys = [];
    page.on("request", (request) => keys.push(request.headers()["session-key"]));
    await page.getByRole("button", { name: "Show my details" }).click();
    await page.getByText("ada@example.com").waitFor();
    assert.equal(keys.filter(Boolean).length, 1);
  },

  "a parcel that leaves is told on the order's page": async ({ page }) => {
    await buy(page);
    const id = new URL(page.url()).pathname.split("/").at(-1);
    await page.locator(".timeline").getByText("Paid", { exact: true }).waitFor();
    const packed = await staff(`/admin/orders/${id}/fulfilment`, { action: "pack" });
    await staff(`/admin/orders/${id}/fulfilment`, { action: "ship", parcel: packed.parcels[0].id, carrier: "DHL", tracking: "00340434161094042557" });
    await page.reload();
    await page.locator(".order-state").getByText("On its way").waitFor();
    await page.locator(".timeline").getByText("DHL 00340434161094042557").waitFor();
    assert.equal(await page.getByRole("button", { name: "Cancel this order" }).count(), 0);
  },

  "filters, sorting and pages stand in the address, and going back finds the place again": async ({ page }) => {
    await page.goto("/shop");
    await page.getByLabel("Sort by").selectOption("price_desc");
    await page.getByRole("button", { name: "Show more" }).click();
    await page.getByText("48 of 60 shown").waitFor();
    const link = page.locator(".card-link").nth(40);
    const name = await link.innerText();
    // The place is kept when the scrolling ends.
    await link.evaluate((element) => new Promise((ended) => {
      window.addEventListener("scrollend", ended, { once: true });
      element.scrollIntoView({ block: "center" });
    }));
    await link.click();
    await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
    assert.equal(await page.evaluate(() => window.scrollY), 0, "a new page begins at its top");
    await page.goBack();
    await page.getByText("48 of 60 shown").waitFor();
    assert.match(page.url(), /sort=price_desc&pages=2/);
    await page.waitForFunction(() => window.scrollY > 500);
    await page.reload();
    await page.getByText("48 of 60 shown").waitFor();
    await page.getByRole("radio", { name: /Tarn & Thistle/ }).first().check();
    await page.getByRole("button", { name: "Remove the filter Tarn & Thistle" }).waitFor();
    assert.match(page.url(), /brand=Tarn/);
    const prices = (await page.locator(".card .price:not(.price-before)").allInnerTexts()).map(cents);
    assert.deepEqual(prices, [...prices].sort((a, b) => b - a));
  },

  "a search that was mistyped still finds something": async ({ page }) => {
    await page.goto("/shop?q=chamomlie");
    await page.getByRole("link", { name: "Whole Chamomile" }).waitFor();
  },

  "the whole purchase works with the keyboard alone": async ({ page }) => {
    const tabTo = (locator) => tabThrough(page, locator);
    await page.goto(`/shop/${SIZED}`);
    const add = page.locator(".buy-row").getByRole("button", { name: "Add to bag" });
    await add.waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the page");
    await tabTo(add);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("60 capsules").waitFor();
    await tabTo(page.getByRole("dialog").getByRole("button", { name: "Go to checkout" }));
    await page.keyboard.press("Enter");
    await page.getByRole("radio", { name: /^Card/ }).waitFor();
    const type = async (label, text) => {
      await tabTo(page.getByLabel(label));
      await page.keyboard.type(text);
    };
    await type("E-mail", "ada@example.com");
    await type("Country", "Germany");
    await type("Full name", "Ada Lovelace");
    await type("Street and house number", "Hauptstraße 1");
    await type("Town or city", "Berlin");
    await type("Postal code", "10115");
    await tabTo(page.getByRole("radio", { name: /^Card/ }));
    await page.keyboard.press("Space");
    await type("Test card", "Approved at once");
    await page.getByText("Tax (19%)").waitFor();
    await tabTo(page.getByRole("button", { name: /^Pay / }));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Thank you, it is yours" }).waitFor();
  },

  // Proves: S1-P07
  "a failed call ends in friendly words with a retry that works": async ({ page }) => {
    let broken = true;
    await page.route("**/api/products?**", (route) => (broken ? route.abort() : route.continue()));
    await page.goto("/shop");
    await page.getByText("We could not reach the shop. Check your connection and try again.").waitFor();
    broken = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator(".card").first().waitFor();
  },

  "an address that leads nowhere is the shop's own not-found page, and its status says so": async ({ page }) => {
    const answer = await page.goto("/no/such/page");
    assert.equal(answer.status(), 404);
    await page.getByRole("heading", { level: 1, name: "We could not find that page" }).waitFor();
    await page.getByRole("main").getByRole("link", { name: "Browse the shop" }).click();
    await page.getByRole("heading", { level: 1, name: "The whole shop" }).waitFor();
  },

  "every method that the shop lists takes a payment": ({ page }) => payWithEachMethod(page),

  "nothing moves while a page loads, also when its fonts, its products and its sale come late": async ({ page }) => {
    await page.addInitScript(() => {
      globalThis.moved = 0;
      const add = (entry) => {
        if (!entry.hadRecentInput) globalThis.moved += entry.value;
      };
      new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: "layout-shift", buffered: true });
    });
    const late = async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    };
    await page.route("**/flash/products", late);
    await page.route("**/api/products?**", late);
    for (const address of ["/", "/shop", "/shop/sale", `/shop/${SIZED}`]) {
      await page.goto(address);
      await standsStill(page);
      const moved = await page.evaluate(() => globalThis.moved);
      assert.ok(moved < 0.01, `${address} moved by ${moved}`);
    }
  },

  ...SALE_JOURNEYS,

  ...PARTNER_JOURNEYS,

  "another shopper's order is not found": async ({ page, browser }) => {
    await buy(page);
    const other = await newShopper(browser);
    await other.page.goto(new URL(page.url()).pathname);
    await other.page.getByText("We could not find that order").waitFor();
    await other.context.close();
  },
};

/** What axe says of every page in light, in dark and on a phone; and no page may be wider than its window. `pictures` keeps how each looked. */
export function judgements(pictures) {
  return Object.entries(LOOKS).flatMap(([look, options]) =>
    PAGES.map(([name, way]) => [
      `${name} in ${look} has no serious accessibility violation and fits its window`,
      async ({ page }) => {
        await open(page, way);
        assert.deepEqual(await seriousViolations(page), []);
        // Against the size of the window that was opened: a phone's own idea of it grows with a page that is too wide.
        const [content, inner] = [await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize().width];
        if (pictures) await takePicture(page, name, look);
        assert.ok(content <= inner, `the page is ${content} wide in a window of ${inner}`);
      },
      options,
    ]),
  );
}

