import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { render } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { aPage, anOrder, aProduct, aShop, aSummary, dollars, openAt } from "../../test/shop";
import { ApiProblem } from "../api/problem";
import { ConfigFailure } from "../config/ConfigFailure";
import { ErrorBoundary } from "./ErrorBoundary";

describe("the front page", () => {
  it("leads to the categories, the offers and what is most loved", async () => {
    const offer = aSummary({ id: "teapot", name: "Everyday Teapot", compare_at_money: dollars(1500) });
    openAt("/", aShop({ listProducts: async () => aPage([aSummary(), offer]) }));
    expect(await screen.findByRole("link", { name: "Teas" })).toHaveAttribute("href", "/shop?category=teas");
    expect(within(screen.getByRole("region", { name: "Reduced for now" })).getByText("Everyday Teapot")).toBeVisible();
    expect(screen.getByText("17% off")).toBeVisible();
    expect(within(screen.getByRole("region", { name: "Most loved" })).getByText("Whole Chamomile")).toBeVisible();
  });

  it("says that the shelves did not load, and loads them when asked", async () => {
    const failures = [new ApiProblem(503, { instance: "urn:request:r-9" }, null)];
    const shop = aShop({ listProducts: async () => { const failure = failures.shift(); if (failure) throw failure; return aPage([aSummary()]); } });
    openAt("/", shop);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("System experiencing high traffic. Please try again shortly.");
    expect(alert).toHaveTextContent("Reference r-9");
    await userEvent.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Whole Chamomile")).toBeVisible();
  });

  it("puts a product of one kind into the bag from the shelf", async () => {
    const shop = aShop();
    openAt("/", shop);
    await userEvent.click(await screen.findByRole("button", { name: "Add Whole Chamomile to the bag" }));
    expect(shop.addCartItem).toHaveBeenCalledWith("TEA-1", 1);
    expect((await screen.findAllByText("Whole Chamomile is in your bag."))[0]).toBeInTheDocument();
  });
});

describe("the listing", () => {
  it("searches, filters and sorts by its address", async () => {
    const user = userEvent.setup();
    const shop = aShop();
    openAt("/shop?brand=Hollin", shop);
    await screen.findByText("Whole Chamomile");
    expect(shop.listProducts.mock.calls[0]![0]).toEqual({ brand: "Hollin", limit: "24" });
    await user.selectOptions(screen.getByLabelText("Sort by"), "price_asc");
    await user.click(screen.getByRole("radio", { name: /Organic/ }));
    await user.click(screen.getByRole("checkbox", { name: "In stock only" }));
    await waitFor(() => expect(shop.listProducts.mock.lastCall![0]).toEqual({ brand: "Hollin", tag: "organic", in_stock: "true", sort: "price_asc", limit: "24" }));
    await user.click(screen.getByRole("button", { name: "Remove the filter Hollin" }));
    await waitFor(() => expect(shop.listProducts.mock.lastCall![0]).not.toHaveProperty("brand"));
    await user.type(screen.getByRole("searchbox"), "ginger{Enter}");
    await waitFor(() => expect(shop.listProducts.mock.lastCall![0]).toEqual({ q: "ginger", limit: "24" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Results for “ginger”" })).toBeVisible();
  });

  it("takes a price range", async () => {
    const user = userEvent.setup();
    const shop = aShop();
    openAt("/shop", shop);
    await screen.findByText("Whole Chamomile");
    const form = screen.getByRole("form", { name: "Price" });
    await user.type(within(form).getByLabelText("From"), "5,5");
    await user.type(within(form).getByLabelText("To"), "abc");
    await user.click(within(form).getByRole("button", { name: "Set" }));
    await waitFor(() => expect(shop.listProducts.mock.lastCall![0]).toEqual({ min_price: "5.5", limit: "24" }));
  });

  it("shows page after page, and as many as its address says", async () => {
    const item = (n: number) => aSummary({ id: `p${n}`, name: `Product ${n}` });
    const pages: Record<string, ReturnType<typeof aPage>> = {
      first: aPage([item(1)], { next_cursor: "second", total: 3 }),
      second: aPage([item(2)], { next_cursor: "third", total: 3 }),
      third: aPage([item(3)], { total: 3 }),
    };
    const shop = aShop({ listProducts: async (query) => pages[query.cursor ?? "first"]! });
    openAt("/shop?pages=2", shop);
    expect(await screen.findByText("Product 2")).toBeVisible();
    expect(screen.queryByText("Product 3")).toBeNull();
    expect(screen.getByText("2 of 3 shown")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByText("Product 3")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  });

  it("says what it searched for instead, and when there is nothing", async () => {
    openAt("/shop?q=chamomlie", aShop({ listProducts: async () => aPage([aSummary()], { corrected_query: "chamomile" }) }));
    expect(await screen.findByRole("link", { name: "chamomile" })).toHaveAttribute("href", "/shop?q=chamomile");
  });

  it("has words for an empty shelf", async () => {
    openAt("/shop?q=zzz", aShop({ listProducts: async () => aPage([]) }));
    expect(await screen.findByText("Nothing on the shelves for that")).toBeVisible();
  });
});

describe("the product page", () => {
  it("shows the variant that is chosen, and puts it into the bag", async () => {
    const user = userEvent.setup();
    const shop = aShop();
    openAt("/shop/whole-chamomile", shop);
    expect(await screen.findByRole("heading", { level: 1, name: "Whole Chamomile" })).toBeVisible();
    await user.click(screen.getByRole("radio", { name: /120 g/ }));
    expect(screen.getByText("Only 3 left")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "One more of Whole Chamomile" }));
    await user.click(screen.getAllByRole("button", { name: "Add to bag" })[0]!);
    expect(shop.addCartItem).toHaveBeenCalledWith("TEA-2", 2);
    expect(await screen.findByRole("dialog", { name: /Your bag/ })).toBeVisible();
    expect(screen.getByText("To the United States in 2 to 4 working days, $4.95.")).toBeVisible();
    expect(await screen.findByText("Other Tea")).toBeVisible();
  });

  it("draws a plain shape where there is no picture, and leaves out what nobody wrote", async () => {
    openAt("/shop/whole-chamomile", aShop({ getProduct: async () => aProduct({ image_url: "", images: [], description: "", attributes: {}, tags: [] }) }));
    const shape = await screen.findByRole("img", { name: "Whole Chamomile" });
    expect(shape.tagName).toBe("SPAN");
    expect(screen.queryByRole("heading", { name: "What it is" })).toBeNull();
  });

  it("cannot sell what is sold out or withdrawn", async () => {
    const out = aProduct().variants.map((variant) => ({ ...variant, stock_quantity: 0, stock_level: "out" as const }));
    const { unmount } = openAt("/shop/whole-chamomile", aShop({ getProduct: async () => aProduct({ variants: out }) }));
    expect((await screen.findAllByRole("button", { name: "Sold out" }))[0]).toBeDisabled();
    unmount();
    openAt("/shop/whole-chamomile", aShop({ getProduct: async () => aProduct({ status: "withdrawn" }) }));
    expect(await screen.findByText(/We no longer sell this one/)).toBeVisible();
  });

  it("is not found when the shop does not know it, and can be asked for again when the call failed", async () => {
    const { unmount } = openAt("/shop/nothing", aShop({ getProduct: async () => Promise.reject(new ApiProblem(404, {}, null)) }));
    expect(await screen.findByText("We could not find that product")).toBeVisible();
    unmount();
    openAt("/shop/whole-chamomile", aShop({ getProduct: async () => Promise.reject(new ApiProblem(500, {}, null)) }));
    expect(await screen.findByText("The product did not load")).toBeVisible();
  });
});

describe("the order pages", () => {
  it("list the guest's orders, or say that there are none", async () => {
    const order = anOrder();
    const summary = { id: order.id, status: order.status, state: order.state, placed_at: order.placed_at, total: order.total, total_amount: order.total_amount, item_count: 2, first_image_url: null };
    const { unmount } = openAt("/me/orders", aShop({ listOrders: async () => ({ items: [summary], next_cursor: null }) }));
    expect(await screen.findByText("2 items")).toBeVisible();
    unmount();
    openAt("/me", aShop());
    expect(await screen.findByText("No orders yet")).toBeVisible();
  });

  it("show masks without a key, and cancel with a reason", async () => {
    const user = userEvent.setup();
    let order = anOrder();
    const cancelled = anOrder({ state: "cancelled", status: "cancelled", allowed_actions: [] });
    const shop = aShop({ getOrder: async () => order, cancelOrder: async () => (order = cancelled) });
    openAt("/shop/orders/01order", shop);
    expect(await screen.findByText("a•••@example.com")).toBeVisible();
    await user.click(await screen.findByRole("button", { name: "Cancel this order" }));
    const dialog = screen.getByRole("dialog", { name: "Cancel this order?" });
    await user.type(within(dialog).getByLabelText(/Why/), "Ordered twice");
    await user.click(within(dialog).getByRole("button", { name: "Cancel the order" }));
    expect(shop.cancelOrder).toHaveBeenCalledWith("01order", "Ordered twice", expect.stringMatching(/^[0-9a-f-]{36}$/));
    expect(await screen.findByText("Cancelled")).toBeVisible();
  });

  it("let a waiting order be paid, and say a decline in the fixed words", async () => {
    const user = userEvent.setup();
    const shop = aShop({
      getOrder: async () => anOrder({ state: "pending_payment", status: "pending", payment: null, allowed_actions: ["pay", "cancel"] }),
      payOrder: async () => Promise.reject(new ApiProblem(402, {}, null)),
    });
    openAt("/shop/orders/01order", shop);
    await user.click(await screen.findByRole("button", { name: "Pay $29.95" }));
    expect(await screen.findByText("Choose a card.")).toBeVisible();
    await user.selectOptions(screen.getByLabelText("Test card"), "tok_decline");
    await user.click(screen.getByRole("button", { name: "Pay $29.95" }));
    expect(await screen.findByText("Payment could not be processed. Please try again or use different payment method.")).toBeVisible();
  });

  it("do not know foreign orders", async () => {
    openAt("/shop/orders/foreign", aShop({ getOrder: async () => Promise.reject(new ApiProblem(404, {}, null)) }));
    expect(await screen.findByText("We could not find that order")).toBeVisible();
  });
});

describe("around the pages", () => {
  it("is a page for addresses that lead nowhere", async () => {
    openAt("/no/such/page", aShop());
    expect(await screen.findByText("We could not find that page")).toBeVisible();
  });

  it("is a switch between the themes that is remembered", async () => {
    openAt("/no/such/page", aShop());
    await userEvent.click(screen.getByRole("button", { name: "Switch to the dark theme" }));
    expect(document.documentElement.dataset.theme).toBe("dark");
    expect(localStorage.getItem("russet.theme")).toBe("dark");
    await userEvent.click(screen.getByRole("button", { name: "Switch to the light theme" }));
    expect(document.documentElement.dataset.theme).toBe("light");
  });

  it("is a word when the network is gone", async () => {
    openAt("/no/such/page", aShop());
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    window.dispatchEvent(new Event("offline"));
    expect(await screen.findByText(/You are offline/)).toBeVisible();
  });

  it("is a net for pages that fall over, with a reference", () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const Broken = () => {
      throw new Error("broken");
    };
    render(<ErrorBoundary><Broken /></ErrorBoundary>);
    expect(screen.getByRole("alert")).toHaveTextContent(/Reference page-[0-9a-f]{8}/);
  });

  it("is a clear word for a shop without configuration", () => {
    render(<ConfigFailure problems={["apiUrl is missing"]} />);
    expect(screen.getByRole("alert")).toHaveTextContent("apiUrl is missing");
  });
});
