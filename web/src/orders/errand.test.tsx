import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { anOrder, aShop, dollars, openAt } from "../../test/shop";
import type { Order } from "../api/shapes";
import { ApiProblem } from "../api/problem";
import { isUndecided, nextWords } from "./order-words";

type Action = NonNullable<NonNullable<Order["payment"]>["action"]>;

const later = new Date(Date.now() + 9 * 60_000).toISOString();
const toPayPal: Action = { type: "redirect", url: "https://paypal.example/approve/1" };
const toAddress: Action = { type: "transfer", address: "bc1q0address", amount: "0.00053507 BTC", expires_at: later };

function waiting(action: Action): Order {
  return anOrder({
    state: "pending_payment", status: "pending", expires_at: later, allowed_actions: action.type === "redirect" ? ["pay", "cancel"] : ["cancel"],
    payment: { state: "requires_action", method: action.type === "redirect" ? "paypal" : "crypto", amount: dollars(2995), refunded: dollars(0), calls: 1, card: null, action },
  });
}

describe("a payment that waits for the shopper", () => {
  it("leads to the provider's page, and still lets another way to pay be chosen", async () => {
    const shop = aShop({ getOrder: async () => waiting(toPayPal) });
    openAt("/shop/orders/01order", shop);
    expect(await screen.findByRole("link", { name: "Approve the payment" })).toHaveAttribute("href", toPayPal.url);
    expect(await screen.findByRole("button", { name: "Pay $29.95" })).toBeVisible();
    expect(shop.payOrder).not.toHaveBeenCalled();
  });

  it("takes the payment once when the shopper comes back", async () => {
    let paid = false;
    const shop = aShop({
      getOrder: async () => (paid ? anOrder() : waiting(toPayPal)),
      payOrder: async () => {
        paid = true;
        return anOrder();
      },
    });
    openAt("/shop/orders/01order?back", shop);
    expect(await screen.findByText(/Paid with/)).toBeVisible();
    expect(shop.payOrder).toHaveBeenCalledTimes(1);
    const [id, payment, key] = shop.payOrder.mock.calls[0]!;
    expect([id, payment]).toEqual(["01order", { method: "paypal" }]);
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("says so when nothing was approved, and shows a refusal in its own words", async () => {
    openAt("/shop/orders/01order?back", aShop({ getOrder: async () => waiting(toPayPal), payOrder: async () => waiting(toPayPal) }));
    expect(await screen.findByText(/not approved yet/)).toBeVisible();
    expect(screen.getByRole("link", { name: "Approve the payment" })).toBeVisible();
    const refused = aShop({ getOrder: async () => waiting(toPayPal), payOrder: async () => Promise.reject(new ApiProblem(402, {}, null)) });
    openAt("/shop/orders/01order?back", refused);
    expect(await screen.findByText(/Payment could not be processed/)).toBeVisible();
  });

  it("shows where to send what, for how long, and copies it", async () => {
    const user = userEvent.setup();
    openAt("/shop/orders/01order", aShop({ getOrder: async () => waiting(toAddress) }));
    expect(await screen.findByText("bc1q0address")).toBeVisible();
    expect(screen.getByText(/stands for [89]:\d\d more/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Copy the amount" }));
    await waitFor(async () => expect(await navigator.clipboard.readText()).toBe("0.00053507 BTC"));
    expect(screen.getByRole("button", { name: "Copied" })).toBeVisible();
    expect(screen.getByRole("link", { name: "Pay it in the sandbox" })).toHaveAttribute("href", "/_sandbox/payments/crypto/address/bc1q0address");
    expect(screen.queryByRole("button", { name: /^Pay \$/ })).toBeNull();
  });

  it("says when the time for an amount is over, and names no sandbox in production", async () => {
    openAt("/shop/orders/01order", aShop({ getOrder: async () => waiting({ ...toAddress, expires_at: "2026-01-05T10:00:00.000Z" }) }), "production");
    expect(await screen.findByText(/do not send it any more/)).toBeVisible();
    expect(screen.queryByText("Pay it in the sandbox")).toBeNull();
  });

  it("is told in words, and a transfer is waited for", () => {
    const time = (text: string) => text;
    expect(nextWords(waiting(toPayPal), time)).toContain("come back here");
    expect(nextWords({ ...waiting(toAddress), expires_at: null }, time)).toContain("exact amount");
    expect([isUndecided(waiting(toPayPal)), isUndecided(waiting(toAddress))]).toEqual([false, true]);
  });
});
