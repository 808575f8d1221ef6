// Paying with every method that the shop lists, each by what its kind asks of the shopper.
import assert from "node:assert/strict";
import { fillBag, fillCheckout } from "./pages.mjs";

/** What a shopper does at checkout and after it, by the kind of the method. */
const WAYS = {
  token: async (page) => {
    await page.getByLabel("Test card").selectOption("tok_approve");
    await page.getByRole("button", { name: /^Pay / }).click();
  },
  redirect: async (page) => {
    await page.getByRole("button", { name: /^Pay / }).click();
    await page.getByRole("link", { name: "Approve the payment" }).click();
    await page.locator("button[name=decision][value=tok_approve]").click();
    await page.waitForURL(/\/shop\/orders\//);
  },
  later: async (page) => {
    await page.getByRole("button", { name: /^Pay / }).click();
    await page.getByRole("heading", { name: "Send the exact amount" }).waitFor();
    const [wallet] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", { name: "Pay it in the sandbox" }).click()]);
    // The wallet stays open, as a shopper leaves it: a page that is closed while it sends may never be closed.
    const sent = wallet.waitForResponse((response) => response.request().method() === "POST");
    await wallet.locator("button[name=how][value=exact]").click();
    await sent;
  },
};

/** Buys once with each method of the shop, and sees each order paid. */
export async function payWithEachMethod(page) {
  const { items } = await (await page.request.get("/api/payment-methods")).json();
  assert.ok(items.length > 0, "the shop lists no method");
  for (const { id, kind, label } of items) {
    const way = WAYS[kind];
    assert.ok(way, `nobody knows how to pay with ${id}, which is of the kind ${kind}`);
    await fillBag(page);
    await page.getByRole("button", { name: "Go to checkout" }).click();
    await page.getByRole("radio", { name: new RegExp(`^${label}`) }).check();
    await fillCheckout(page);
    await way(page);
    await page.locator(".timeline").getByText("Paid", { exact: true }).waitFor({ timeout: 30_000 });
    await page.locator(".order-state").getByText("Paid", { exact: true }).waitFor();
  }
}
