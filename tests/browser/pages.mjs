// The way to every page and every state of a page that is looked at and judged.
import { standsStill } from "./browser.mjs";
import { chooseCard } from "./card.mjs";
import { PARTNER_PAGES } from "./partners.mjs";
import { SALE_PAGES } from "./sales.mjs";

/** A product that comes in several sizes. */
export const SIZED = "magnesium-glycinate";

/** Puts a variant of the sized product into the bag, through the page. */
export async function fillBag(page) {
  await page.goto(`/shop/${SIZED}`);
  await page.getByRole("radio", { name: /120 capsules/ }).check();
  await page.locator(".buy-row").getByRole("button", { name: "Add to bag" }).click();
  await page.getByRole("dialog", { name: /Your bag/ }).waitFor();
}

/** Fills the checkout form for a parcel to Berlin, all but the card. */
export async function fillCheckout(page, email = "ada@example.com") {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Country").selectOption("DE");
  await page.getByLabel("Full name").fill("Ada Lovelace");
  await page.getByLabel("Street and house number").fill("Hauptstraße 1");
  await page.getByLabel("Town or city").fill("Berlin");
  await page.getByLabel("Postal code").fill("10115");
  // A total that changes between the look and the click is not charged: the page asks again. So wait for this address's own.
  await page.getByText("Tax (19%)").waitFor({ state: "attached" });
}

/** Pays with a test card and waits for what comes of it. */
export async function payWith(page, token) {
  await chooseCard(page);
  await page.getByLabel("Test card").selectOption(token);
  await page.getByRole("button", { name: /^Pay / }).click();
}

/** From an empty browser to the page of a paid order. */
export async function buy(page) {
  await fillBag(page);
  await page.getByRole("button", { name: "Go to checkout" }).click();
  await fillCheckout(page);
  await payWith(page, "tok_approve");
  await page.waitForURL(/\/shop\/orders\//);
  await page.getByRole("heading", { level: 1, name: /Thank you/ }).waitFor();
}

/** Every page by the name of its picture, and how to get there with a fresh shopper. */
export const PAGES = [
  ["home", (page) => page.goto("/")],
  ["listing", (page) => page.goto("/shop")],
  ["listing-filtered", (page) => page.goto("/shop?category=teas-and-infusions&tag=organic&sort=price_asc")],
  ["listing-empty", (page) => page.goto("/shop?q=zzzzqqqq")],
  ["product", (page) => page.goto(`/shop/${SIZED}`)],
  ["product-colours", (page) => page.goto("/shop/steel-water-flask")],
  ["bag", fillBag],
  ["bag-empty", async (page) => {
    await page.goto("/shop");
    await page.getByRole("button", { name: /^Your bag/ }).click();
    await page.getByRole("dialog").getByText("Nothing in it yet").waitFor();
  }],
  ["checkout", async (page) => {
    await fillBag(page);
    await page.getByRole("button", { name: "Go to checkout" }).click();
    await chooseCard(page);
  }],
  ["checkout-errors", async (page) => {
    await fillBag(page);
    await page.getByRole("button", { name: "Go to checkout" }).click();
    await page.getByRole("button", { name: /^Pay \$/ }).click();
    await page.getByText(/things need mending/).waitFor();
  }],
  ["order", buy],
  ["cancel", async (page) => {
    await buy(page);
    await page.getByRole("button", { name: "Cancel this order" }).click();
    await page.getByRole("dialog").waitFor();
  }],
  ["order-cancelled", async (page) => {
    await buy(page);
    await page.getByRole("button", { name: "Cancel this order" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the order" }).click();
    await page.locator(".order-state").getByText("Cancelled").waitFor();
  }],
  ["orders", async (page) => {
    await buy(page);
    await page.goto("/me/orders");
  }],
  ["orders-empty", (page) => page.goto("/me/orders")],
  ["not-found", (page) => page.goto("/me/nothing-here")],
  ["filters", async (page) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/shop");
    await page.getByRole("button", { name: "Filters" }).click();
  }],
  ["unreachable", async (page) => {
    await page.route("**/api/products?**", (route) => route.abort());
    await page.goto("/shop");
    await page.getByRole("alert").waitFor();
  }],
  ["no-config", async (page) => {
    await page.route("**/config.json", (route) => route.fulfill({ json: { environment: "demo" } }));
    await page.goto("/");
    await page.getByText("apiUrl is missing").waitFor();
  }],
  ["narrow", async (page) => {
    await page.setViewportSize({ width: 320, height: 640 });
    await fillBag(page);
    await page.getByRole("button", { name: "Go to checkout" }).click();
    await chooseCard(page);
    await page.getByRole("button", { name: "Show your order" }).click();
  }],
  ...SALE_PAGES,
  ...PARTNER_PAGES,
];

/** Opens a page by name and waits until it stands still. */
export async function open(page, way) {
  await way(page);
  await standsStill(page);
}
