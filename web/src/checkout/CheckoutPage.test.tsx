import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { aCart, anOrder, aQuote, aShop, dollars, openAt } from "../../test/shop";
import { ApiProblem, unreachable } from "../api/problem";

type User = ReturnType<typeof userEvent.setup>;

async function openCheckout(shop = aShop()) {
  const user = userEvent.setup();
  openAt("/shop/checkout", shop);
  await screen.findByLabelText("Test card");
  await screen.findByRole("button", { name: "Pay $29.95" });
  return { user, shop };
}

async function fill(user: User) {
  const type = async (label: string | RegExp, text: string) => user.type(screen.getByLabelText(label), text);
  await type("E-mail", "ada@example.com");
  await type("Full name", "Ada Lovelace");
  await type("Street and house number", "Main Street 1");
  await type("Town or city", "Springfield");
  await type("ZIP code", "62701");
  await type("State", "IL");
  await user.selectOptions(screen.getByLabelText("Test card"), "tok_approve");
}

const pay = (user: User) => user.click(screen.getByRole("button", { name: /^Pay \$/ }));

describe("the checkout", () => {
  it("answers an empty form with a summary that has the focus and leads to each field", async () => {
    const { user, shop } = await openCheckout();
    await pay(user);
    const summary = await screen.findByRole("alert");
    expect(summary).toHaveTextContent("7 things need mending");
    await waitFor(() => expect(summary.parentElement).toHaveFocus());
    expect(screen.getByLabelText("E-mail")).toHaveAttribute("aria-invalid", "true");
    expect(screen.getByLabelText("E-mail")).toHaveAccessibleDescription(/Enter your e-mail address\./);
    await user.click(within(summary).getByRole("link", { name: "Enter the town or city." }));
    expect(screen.getByLabelText("Town or city")).toHaveFocus();
    await user.type(screen.getByLabelText("E-mail"), "a");
    expect(screen.getByLabelText("E-mail")).not.toHaveAttribute("aria-invalid");
    expect(shop.placeOrder).not.toHaveBeenCalled();
  });

  it("offers test cards and no field for a card's number, and none of it in production", async () => {
    await openCheckout();
    expect(screen.queryByLabelText(/card number/i)).toBeNull();
    expect(document.querySelector('[autocomplete^="cc-"]')).toBeNull();
    cleanup();
    openAt("/shop/checkout", aShop(), "production");
    expect(await screen.findByRole("radio", { name: /Card/ })).toBeVisible();
    expect(screen.queryByLabelText("Test card")).toBeNull();
  });

  it("pays, empties the bag and shows the order", async () => {
    const { user, shop } = await openCheckout();
    await fill(user);
    await pay(user);
    expect(await screen.findByRole("heading", { level: 1, name: "Thank you, it is yours" })).toBeVisible();
    const [order, key] = shop.placeOrder.mock.calls[0]!;
    expect(order).toMatchObject({ quote: "signed", email: "ada@example.com", payment: { method: "card", token: "tok_approve" } });
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
    await waitFor(() => expect(shop.removeCartItem).toHaveBeenCalledWith("TEA-1"));
    expect(sessionStorage.getItem("russet.attempt.checkout")).toBeNull();
  });

  it("says a decline in the fixed words and takes a new key for the next try", async () => {
    const outcomes = [new ApiProblem(402, {}, null)];
    const shop = aShop({ placeOrder: async () => { const refusal = outcomes.shift(); if (refusal) throw refusal; return anOrder(); } });
    const { user } = await openCheckout(shop);
    await fill(user);
    await pay(user);
    expect(await screen.findByRole("alert")).toHaveTextContent("Payment could not be processed. Please try again or use different payment method.");
    await pay(user);
    await screen.findByRole("heading", { name: "Thank you, it is yours" });
    const [first, second] = shop.placeOrder.mock.calls.map((call) => call[1]);
    expect(second).not.toBe(first);
  });

  it("freezes the form while an outcome is unknown, and asks again with the same key and the same words", async () => {
    const outcomes = [unreachable()];
    const shop = aShop({ placeOrder: async () => { const refusal = outcomes.shift(); if (refusal) throw refusal; return anOrder(); } });
    const { user } = await openCheckout(shop);
    await fill(user);
    await pay(user);
    expect(await screen.findByText("We have not heard how your payment went")).toBeVisible();
    expect(screen.getByLabelText("E-mail")).toBeDisabled();
    await user.click(screen.getByRole("button", { name: "Ask again" }));
    await screen.findByRole("heading", { name: "Thank you, it is yours" });
    expect(shop.placeOrder.mock.calls[1]).toEqual(shop.placeOrder.mock.calls[0]);
  });

  it("shows a new total and charges nothing when the price has changed", async () => {
    const dearer = aQuote({ quote: "newer", total: dollars(3195) });
    const shop = aShop({ placeOrder: async () => Promise.reject(new ApiProblem(409, { code: "quote_expired", quote: dearer }, null)) });
    const { user } = await openCheckout(shop);
    await fill(user);
    await pay(user);
    expect(await screen.findByText("The total is now $31.95")).toBeVisible();
    expect(await screen.findByRole("button", { name: "Pay $31.95" })).toBeVisible();
    expect(shop.placeOrder).toHaveBeenCalledTimes(1);
  });

  it("pays on with a renewed quote when nothing but its date has changed", async () => {
    const outcomes = [new ApiProblem(409, { code: "quote_expired", quote: aQuote({ quote: "newer" }) }, null)];
    const shop = aShop({ placeOrder: async () => { const refusal = outcomes.shift(); if (refusal) throw refusal; return anOrder(); } });
    const { user } = await openCheckout(shop);
    await fill(user);
    await pay(user);
    await screen.findByRole("heading", { name: "Thank you, it is yours" });
    expect(shop.placeOrder.mock.calls.map((call) => (call[0] as { quote: string }).quote)).toEqual(["signed", "newer"]);
  });

  it("says kindly that payments rest: nothing was charged, the bag is kept, and trying again sends the same order", async () => {
    const outcomes = [new ApiProblem(503, { code: "payments_unavailable" }, 1)];
    const shop = aShop({ placeOrder: async () => { const refusal = outcomes.shift(); if (refusal) throw refusal; return anOrder(); } });
    const { user } = await openCheckout(shop);
    await fill(user);
    await pay(user);
    const notice = await screen.findByRole("alert");
    expect(notice).toHaveTextContent("System experiencing high traffic. Please try again shortly.");
    expect(notice).toHaveTextContent("Nothing was charged. Your bag and what you filled in stay as they are");
    expect(shop.removeCartItem).not.toHaveBeenCalled();
    // Pressed before the second is over, the button waits and then asks by itself.
    await user.click(within(notice).getByRole("button", { name: "Try again" }));
    await screen.findByRole("heading", { name: "Thank you, it is yours" });
    const [first, second] = shop.placeOrder.mock.calls.map((call) => call[1]);
    expect(second).toBe(first);
  });

  it("shows the API's faults at their fields", async () => {
    const shop = aShop({ placeOrder: async () => Promise.reject(new ApiProblem(422, { errors: [{ pointer: "/email", detail: "This address cannot receive mail." }] }, null)) });
    const { user } = await openCheckout(shop);
    await fill(user);
    await pay(user);
    expect(await screen.findByRole("link", { name: "This address cannot receive mail." })).toBeVisible();
    expect(screen.getByLabelText("E-mail")).toHaveAttribute("aria-invalid", "true");
  });

  it("tries a coupon, takes it off the total, and says at the field why one does not count", async () => {
    const off = aQuote({ quote: "reduced", discount: dollars(250), total: dollars(2745), promotions: [{ code: "WELCOME10", label: "10% off", kind: "percentage", amount: dollars(250) }] });
    const shop = aShop({
      quoteOrder: async (request) => {
        if (request.coupon === "NOPE") throw new ApiProblem(422, { errors: [{ pointer: "/coupon", detail: "There is no such coupon." }] }, null);
        return request.coupon === "WELCOME10" ? off : aQuote();
      },
    });
    const { user } = await openCheckout(shop);
    await user.type(screen.getByLabelText(/Coupon code/), "NOPE{Enter}");
    expect(await screen.findByText("There is no such coupon.")).toBeVisible();
    await user.clear(screen.getByLabelText(/Coupon code/));
    await user.type(screen.getByLabelText(/Coupon code/), "WELCOME10{Enter}");
    expect(await screen.findByRole("button", { name: "Pay $27.45" })).toBeVisible();
    expect(screen.getByText("10% off (WELCOME10)")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Remove the coupon WELCOME10" }));
    expect(await screen.findByRole("button", { name: "Pay $29.95" })).toBeVisible();
  });

  it("says that there is nothing to pay for when the bag is empty", async () => {
    openAt("/shop/checkout", aShop({ getCart: async () => aCart([]) }));
    expect(await screen.findByText("Your bag is empty")).toBeVisible();
  });
});
