import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { aCart, aLine, aQuote, aShop, dollars, openAt } from "../../test/shop";
import { ApiProblem } from "../api/problem";
import { towardsFreeDelivery, withQuantity } from "./cart-state";

async function openBag(shop: ReturnType<typeof aShop>) {
  const user = userEvent.setup();
  openAt("/shop", shop);
  await user.click(await screen.findByRole("button", { name: /^Your bag/ }));
  return { user, bag: await screen.findByRole("dialog") };
}

describe("the bag", () => {
  it("shows its lines, its sum and how far it is to free delivery", async () => {
    const { bag } = await openBag(aShop());
    expect(await within(bag).findByText("Whole Chamomile")).toBeVisible();
    expect(within(bag).getByText("Your bag (2)")).toBeVisible();
    expect(within(bag).getAllByText("$25.00")).toHaveLength(2);
    expect(await within(bag).findByText("$35.00 more for free delivery to the United States.")).toBeVisible();
    expect(within(bag).getByRole("progressbar")).toHaveAttribute("value", String(2500 / 6000));
  });

  it("shows a new quantity at once and sends it", async () => {
    let answer: (cart: ReturnType<typeof aCart>) => void = () => undefined;
    const shop = aShop({ changeCartItem: () => new Promise((resolve) => (answer = resolve)) });
    const { user, bag } = await openBag(shop);
    await user.click(await within(bag).findByRole("button", { name: "One more of Whole Chamomile" }));
    expect(await within(bag).findByText("Your bag (3)")).toBeVisible();
    expect(shop.changeCartItem).toHaveBeenCalledWith("TEA-1", 3);
    answer(aCart([aLine({ quantity: 3, line_total: dollars(3750) })]));
    await waitFor(() => expect(within(bag).getAllByText("$37.50")).toHaveLength(2));
  });

  it("takes a change back that the shop refuses, and says why", async () => {
    const shop = aShop({ changeCartItem: async () => Promise.reject(new ApiProblem(429, {}, 40)) });
    const { user, bag } = await openBag(shop);
    await user.click(await within(bag).findByRole("button", { name: "One more of Whole Chamomile" }));
    expect(await within(bag).findByRole("alert")).toHaveTextContent("Too many requests. Please wait and try again.");
    expect(await within(bag).findByText("Your bag (2)")).toBeVisible();
  });

  it("lets a removed line be put back", async () => {
    const shop = aShop();
    const { user, bag } = await openBag(shop);
    await user.click(await within(bag).findByRole("button", { name: "Remove Whole Chamomile" }));
    expect(await within(bag).findByText("Nothing in it yet")).toBeVisible();
    await user.click(within(bag).getByRole("button", { name: "Put it back" }));
    expect(shop.addCartItem).toHaveBeenCalledWith("TEA-1", 2);
    expect(await within(bag).findByText("Your bag (2)")).toBeVisible();
  });

  it("leaves out of the sum what can no longer be bought", async () => {
    const gone = aLine({ sku: "OLD", name: "Old Tea", available: false });
    const shop = aShop({ getCart: async () => aCart([aLine(), gone]), quoteOrder: async () => aQuote() });
    const { bag } = await openBag(shop);
    expect(await within(bag).findByText("No longer available. It is not in the total.")).toBeVisible();
    expect(within(bag).queryByRole("button", { name: "One more of Old Tea" })).toBeNull();
    expect(shop.quoteOrder.mock.calls[0]![0]).toMatchObject({ items: [{ sku: "TEA-1", quantity: 2 }] });
  });
});

describe("the bag before the shop has answered", () => {
  it("counts only what can be bought into the subtotal", () => {
    const cart = aCart([aLine(), aLine({ sku: "OLD", available: false })]);
    expect(withQuantity(cart, "TEA-1", 5)).toMatchObject({ item_count: 7, subtotal: dollars(6250) });
    expect(withQuantity(cart, "TEA-1", 0)).toMatchObject({ item_count: 2, subtotal: dollars(0) });
  });

  it("never shows more than the whole way to free delivery", () => {
    expect(towardsFreeDelivery(1500, 6000)).toEqual({ share: 0.25, missing: 4500 });
    expect(towardsFreeDelivery(9000, 6000)).toEqual({ share: 1, missing: 0 });
    expect(towardsFreeDelivery(0, 0)).toEqual({ share: 1, missing: 0 });
  });
});
