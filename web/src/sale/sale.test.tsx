import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { aFlashItem, aFlashSale, aListing, aPlace } from "../../test/flash";
import { anOrder, aShop, heard, openAt } from "../../test/shop";
import { ApiProblem } from "../api/problem";
import { emptyForm, type CheckoutForm } from "../checkout/form";

type User = ReturnType<typeof userEvent.setup>;

const ADA: CheckoutForm = { ...emptyForm("DE"), email: "ada@example.com", name: "Ada Lovelace", line1: "Hauptstr. 1", city: "Berlin", postalCode: "10115", method: "card", kind: "token", token: "tok_approve" };
const selling = (part: Parameters<typeof aFlashSale>[0] = {}) => async () => heard(aListing([aFlashSale(part)]));
const buyButton = () => screen.findByRole("button", { name: "Buy for $8.00: Whole Chamomile" });

async function fillDetails(user: User, dialog: HTMLElement) {
  const type = async (label: string, text: string) => user.type(within(dialog).getByLabelText(label), text);
  await user.selectOptions(within(dialog).getByLabelText("Country"), "DE");
  await type("E-mail", "ada@example.com");
  await type("Full name", "Ada Lovelace");
  await type("Street and house number", "Hauptstr. 1");
  await type("Town or city", "Berlin");
  await type("Postal code", "10115");
  await user.selectOptions(await within(dialog).findByLabelText("Test card"), "tok_approve");
}

/** A shop whose checkout answers one thing after the other, and then with an order. */
function answering(...outcomes: ApiProblem[]) {
  return aShop({
    listFlashProducts: selling(),
    flashCheckout: async () => {
      const refusal = outcomes.shift();
      if (refusal) throw refusal;
      return anOrder();
    },
  });
}

async function openReady(shop: ReturnType<typeof aShop>, address = "/shop/sale") {
  const view = openAt(address, shop);
  await act(() => view.prepared.keep(ADA));
  return { ...view, user: userEvent.setup() };
}

const keysOf = (shop: ReturnType<typeof aShop>) => shop.flashCheckout.mock.calls.map((call) => call[1]);

describe("the sale's page", () => {
  it("shows what is open with its prices, what is left and the time that remains", async () => {
    openAt("/shop/sale", aShop({ listFlashProducts: selling({ items: [aFlashItem({ stock: { level: "low", remaining: 7 } })] }) }));
    expect(await screen.findByRole("heading", { level: 1, name: "The chamomile hour" })).toBeVisible();
    expect(screen.getByText("Open now")).toBeVisible();
    expect(screen.getByText("Only 7 left")).toBeVisible();
    expect(screen.getByText("36% off")).toBeVisible();
    expect(screen.getByText("$8.00")).toBeVisible();
    expect(screen.getByText("$12.50")).toBeVisible();
    expect(screen.getByText("Ends in less than 30 minutes.")).toHaveAttribute("role", "status");
  });

  it("says that there is none, and what is sold out, not open yet or over", async () => {
    const { unmount } = openAt("/shop/sale", aShop());
    expect(await screen.findByText("No flash sale just now")).toBeVisible();
    unmount();
    const gone = aFlashSale({ items: [aFlashItem({ stock: { level: "out", remaining: 0 } })] });
    const next = aFlashSale({ id: "next", name: "Tomorrow", state: "upcoming", starts_at: "2026-11-28T10:00:00Z", ends_at: "2026-11-28T11:00:00Z" });
    const past = aFlashSale({ id: "past", name: "Yesterday", state: "over", starts_at: "2026-11-26T10:00:00Z", ends_at: "2026-11-26T11:00:00Z" });
    openAt("/shop/sale", aShop({ listFlashProducts: async () => heard(aListing([past, next, gone])) }));
    expect(await screen.findByRole("button", { name: /^Sold out/ })).toBeDisabled();
    expect(screen.getByRole("button", { name: /^Not open yet/ })).toBeDisabled();
    expect(screen.getByRole("button", { name: /^Over/ })).toBeDisabled();
    expect(screen.getAllByRole("heading", { name: /The chamomile hour|Tomorrow|Yesterday/ }).map((heading) => heading.textContent)).toEqual(["The chamomile hour", "Tomorrow", "Yesterday"]);
  });

  it("opens by itself when the shop's time comes, also when the listing is older", async () => {
    openAt("/shop/sale", aShop({ listFlashProducts: async () => heard(aListing([aFlashSale({ state: "upcoming" })], "2026-11-27T09:59:59.000Z")) }));
    expect(await screen.findByRole("button", { name: /^Not open yet/ })).toBeDisabled();
    expect(await buyButton()).toBeEnabled();
  });

  it("can be asked for again when it did not load", async () => {
    const failures = [new ApiProblem(500, {}, null)];
    openAt("/shop/sale", aShop({ listFlashProducts: async () => { const failure = failures.shift(); if (failure) throw failure; return heard(aListing([aFlashSale()])); } }));
    // The link in the head asks too: whoever comes second finds the answer.
    const retry = screen.queryByRole("button", { name: "Try again" }) ?? (await screen.findByRole("button", { name: /Try again|Buy for/ }));
    await userEvent.click(retry);
    expect(await screen.findByRole("heading", { name: "The chamomile hour" })).toBeInTheDocument();
  });
});

/** Lets the mocked clock go on until `done`. What hashes or loads takes time of the real one, which is what may run out. */
async function goOnUntil(done: () => boolean) {
  for (const end = Date.now() + 8_000; !done() && Date.now() < end; ) await act(() => vi.advanceTimersByTimeAsync(10));
}

describe("buying in a sale", () => {
  it("takes one tap for a shopper who is ready, and keeps nothing of them in the browser's storage", async () => {
    const shop = answering();
    const { user } = await openReady(shop);
    await user.click(await screen.findByRole("button", { name: "One more of Whole Chamomile" }));
    await user.click(await screen.findByRole("button", { name: "Buy for $16.00: Whole Chamomile" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Thank you, it is yours" })).toBeVisible();
    expect(shop.flashCheckout.mock.calls[0]![0]).toMatchObject({ sale: "sale-1", sku: "TEA-1", quantity: 2, email: "ada@example.com", address: { city: "Berlin" }, payment: { method: "card", token: "tok_approve" } });
    expect(JSON.stringify([{ ...localStorage }, { ...sessionStorage }])).not.toMatch(/ada|Berlin|tok_/i);
  });

  it("asks for the details once where nothing is prepared, and then buys", async () => {
    const user = userEvent.setup();
    const shop = answering();
    openAt("/shop/sale", shop);
    await user.click(await buyButton());
    const dialog = await screen.findByRole("dialog", { name: "Buy Whole Chamomile" });
    await user.click(await within(dialog).findByRole("button", { name: "Buy for $8.00" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("7 things need mending");
    expect(shop.flashCheckout).not.toHaveBeenCalled();
    await fillDetails(user, dialog);
    await user.click(within(dialog).getByRole("button", { name: "Buy for $8.00" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Thank you, it is yours" })).toBeVisible();
  });

  it("can be prepared before, changed and forgotten", async () => {
    const user = userEvent.setup();
    openAt("/shop/sale", answering());
    await user.click(await screen.findByRole("button", { name: "Get ready" }));
    const dialog = await screen.findByRole("dialog", { name: "Your details" });
    await within(dialog).findByLabelText("E-mail");
    await fillDetails(user, dialog);
    await user.click(within(dialog).getByRole("button", { name: "Keep them for this visit" }));
    expect(await screen.findByText("ada@example.com, to Ada Lovelace in Berlin, Germany, paid with Card.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Forget it" }));
    expect(await screen.findByRole("button", { name: "Get ready" })).toBeVisible();
  });

  it("tells each refusal in friendly words, the fixed ones to the letter, with the focus on them", async () => {
    const cases: [ApiProblem, string, string][] = [
      [new ApiProblem(402, { code: "payment_declined" }, null), "Not paid", "Payment could not be processed. Please try again or use different payment method."],
      [new ApiProblem(409, { code: "out_of_stock" }, null), "Sold out", "This item is no longer available."],
      [new ApiProblem(409, { code: "sale_over" }, null), "The sale is over", "Nothing was charged"],
      [new ApiProblem(409, { code: "sale_limit_reached", detail: "You have 2 of this sale already." }, null), "You have your share", "You have 2 of this sale already."],
      [new ApiProblem(429, { code: "rate_limited" }, 37), "A little too fast", "Too many requests. Please wait and try again."],
      [new ApiProblem(503, { code: "payments_unavailable" }, 20), "Payments are resting", "System experiencing high traffic. Please try again shortly."],
      [new ApiProblem(409, { code: "sale_not_open" }, 60), "Not open yet", "Nothing was charged"],
      [new ApiProblem(422, { code: "not_in_sale", detail: "That is not in this sale." }, null), "That did not work", "That is not in this sale."],
    ];
    for (const [problem, title, words] of cases) {
      const { user, unmount } = await openReady(answering(problem));
      await user.click(await buyButton());
      const notice = await screen.findByRole("alert");
      expect(notice).toHaveTextContent(title);
      expect(notice).toHaveTextContent(words);
      await waitFor(() => expect(notice.parentElement).toHaveFocus());
      unmount();
    }
  });

  it("sends the same order under the same key after a wait, and a new one after a decline", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const shop = answering(new ApiProblem(503, { code: "payments_unavailable" }, 3));
      const view = openAt("/shop/sale", shop);
      await act(() => view.prepared.keep(ADA));
      await act(() => vi.advanceTimersByTimeAsync(100));
      fireEvent.click(screen.getByRole("button", { name: "Buy for $8.00: Whole Chamomile" }));
      await goOnUntil(() => screen.queryByRole("alert") !== null);
      const again = within(screen.getByRole("alert")).getByRole("button", { name: "Try again" });
      expect(again).toHaveTextContent("Try again in 3 s");
      await act(() => vi.advanceTimersByTimeAsync(1_000));
      expect(again).toHaveTextContent("Try again in 2 s");
      fireEvent.click(again);
      expect(again).toHaveTextContent("Trying again in 2 s");
      expect(shop.flashCheckout).toHaveBeenCalledTimes(1);
      await goOnUntil(() => shop.flashCheckout.mock.calls.length > 1);
      const [first, second] = keysOf(shop);
      expect(second).toBe(first);
    } finally {
      vi.useRealTimers();
    }
    const shop = answering(new ApiProblem(402, {}, null));
    const { user } = await openReady(shop);
    await user.click((await screen.findAllByRole("button", { name: "Buy for $8.00: Whole Chamomile" })).at(-1)!);
    await user.click(await screen.findByRole("button", { name: "Pay another way" }));
    const dialog = await screen.findByRole("dialog", { name: "Buy Whole Chamomile" });
    await user.selectOptions(await within(dialog).findByLabelText("Test card"), "tok_approve");
    await user.click(within(dialog).getByRole("button", { name: "Buy for $8.00" }));
    await waitFor(() => expect(shop.flashCheckout).toHaveBeenCalledTimes(2));
    const [first, second] = keysOf(shop);
    expect(second).not.toBe(first);
  });

  it("says so when nobody knows yet what became of the payment, and asks again under the same key", async () => {
    const shop = answering(new ApiProblem(0, {}, null));
    const { user } = await openReady(shop);
    await user.click(await buyButton());
    const notice = await screen.findByRole("alert");
    expect(notice).toHaveTextContent("We have not heard how your payment went");
    await user.click(within(notice).getByRole("button", { name: "Try again" }));
    await screen.findByRole("heading", { level: 1, name: "Thank you, it is yours" });
    const [first, second] = keysOf(shop);
    expect(second).toBe(first);
  });

  it("opens the details with what the shop found wrong with them", async () => {
    const { user } = await openReady(answering(new ApiProblem(422, { errors: [{ pointer: "/email", detail: "This address cannot receive mail." }] }, null)));
    await user.click(await buyButton());
    const dialog = await screen.findByRole("dialog", { name: "Buy Whole Chamomile" });
    expect(await within(dialog).findByRole("link", { name: "This address cannot receive mail." })).toBeVisible();
    expect(within(dialog).getByLabelText("E-mail")).toHaveAttribute("aria-invalid", "true");
  });
});

describe("the waiting room", () => {
  const line = { listFlashProducts: selling({ waiting_room: true }) };
  const address = "/shop/sale/queue/sale-1?sku=TEA-1&quantity=1";

  it("is where the button of a sale with a line leads", async () => {
    const user = userEvent.setup();
    const shop = aShop(line);
    openAt("/shop/sale", shop);
    await user.click(await screen.findByRole("button", { name: "Join the line: Whole Chamomile" }));
    expect(await screen.findByRole("heading", { level: 1, name: "You are in line" })).toBeVisible();
    expect(shop.joinQueue).toHaveBeenCalledWith("sale-1", expect.anything());
  });

  it("shows the number, who is before and how long it takes, and says that a reload costs nothing", async () => {
    openAt(address, aShop(line));
    expect(await screen.findByText("128")).toBeVisible();
    expect(screen.getByText("127")).toBeVisible();
    expect(screen.getByText("about 2 minutes")).toBeVisible();
    expect(screen.getByText("127 people are before you. Your turn comes in about 2 minutes.")).toHaveAttribute("role", "status");
    expect(screen.getByText(/Reload the page/)).toBeVisible();
  });

  it("asks for the same place again after a reload, and joins anew only when the shop no longer knows the ticket", async () => {
    const first = aShop(line);
    const { unmount } = openAt(address, first);
    await screen.findByText("128");
    unmount();
    const second = aShop(line);
    const view = openAt(address, second);
    await screen.findByText("128");
    expect(second.joinQueue).not.toHaveBeenCalled();
    expect(second.getQueuePlace).toHaveBeenCalledWith("ticket-1", expect.anything());
    view.unmount();
    const third = aShop({ ...line, getQueuePlace: async () => Promise.reject(new ApiProblem(404, {}, null)) });
    openAt(address, third);
    await screen.findByText("128");
    expect(third.joinQueue).toHaveBeenCalledTimes(1);
  });

  it("buys by itself once it is the turn of a shopper who is ready", async () => {
    const shop = aShop({ ...line, joinQueue: async () => aPlace({ admitted: true, ahead: 0, eta_seconds: 0 }) });
    await openReady(shop, address);
    expect(await screen.findByRole("heading", { level: 1, name: "Thank you, it is yours" })).toBeVisible();
    expect(shop.flashCheckout).toHaveBeenCalledTimes(1);
    expect(shop.flashCheckout.mock.calls[0]![0]).toMatchObject({ ticket: "ticket-1", quantity: 1 });
    expect(sessionStorage.getItem("russet.ticket.sale-1")).toBeNull();
  });

  it("waits for the details of one who is not ready, with the focus on the news", async () => {
    const user = userEvent.setup();
    const shop = aShop({ ...line, joinQueue: async () => aPlace({ admitted: true, ahead: 0, eta_seconds: 0 }) });
    openAt(address, shop);
    const heading = await screen.findByRole("heading", { level: 1, name: "It is your turn" });
    await waitFor(() => expect(heading).toHaveFocus());
    const form = screen.getByRole("region", { name: "Your details" });
    await within(form).findByLabelText("E-mail");
    await fillDetails(user, form);
    expect(shop.flashCheckout).not.toHaveBeenCalled();
    await user.click(within(form).getByRole("button", { name: "Buy for $8.00" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Thank you, it is yours" })).toBeVisible();
  });

  it("buys once only, and takes a new place when the ticket has run out", async () => {
    const refusals = [new ApiProblem(403, { code: "ticket_refused", detail: "This place has run out." }, null)];
    const places = [aPlace({ admitted: true, ahead: 0 }), aPlace({ ticket: "ticket-2", position: 300, ahead: 90 })];
    const shop = aShop({
      ...line,
      joinQueue: async () => places.shift()!,
      flashCheckout: async () => { const refusal = refusals.shift(); if (refusal) throw refusal; return anOrder(); },
    });
    const { user } = await openReady(shop, address);
    const notice = await screen.findByRole("alert");
    expect(notice).toHaveTextContent("This place has run out.");
    expect(shop.flashCheckout).toHaveBeenCalledTimes(1);
    await user.click(within(notice).getByRole("button", { name: "Take a place in the line" }));
    expect(await screen.findByText("300")).toBeVisible();
  });

  it("says when the sale is over or the door is crowded, and leads back where there is no line", async () => {
    const { unmount } = openAt(address, aShop({ ...line, joinQueue: async () => Promise.reject(new ApiProblem(409, { code: "sale_over" }, null)) }));
    expect(await screen.findByText("The line is closed, and nothing was charged.")).toBeVisible();
    unmount();
    const crowded = openAt(address, aShop({ ...line, joinQueue: async () => Promise.reject(new ApiProblem(429, {}, 12)) }));
    expect(await screen.findByText("Too many requests. Please wait and try again.")).toBeVisible();
    crowded.unmount();
    openAt(address, aShop({ listFlashProducts: selling() }));
    expect(await screen.findByRole("heading", { name: "The chamomile hour" })).toBeVisible();
  });
});

describe("a sale that is open", () => {
  it("stands in the head and on the front page, and nowhere when there is none", async () => {
    const { unmount } = openAt("/", aShop({ listFlashProducts: selling() }));
    expect(await screen.findByRole("link", { name: "Sale" })).toHaveAttribute("href", "/shop/sale");
    expect(within(await screen.findByRole("complementary", { name: "The chamomile hour" })).getByRole("link", { name: "See the sale" })).toHaveAttribute("href", "/shop/sale");
    unmount();
    openAt("/", aShop());
    await screen.findByText("Whole Chamomile");
    expect(screen.queryByRole("link", { name: "Sale" })).toBeNull();
  });
});
