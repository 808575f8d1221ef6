import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aDelivery, aPartner, aTry, aWebhook, ownTime, refusal, serve, signedIn } from "../../test/partner";
import { aShop, openAt } from "../../test/shop";
import type { Delivery, Webhook } from "../api/shapes";
import { exactWords, momentWords } from "../desk/words";

const URL_SET = "https://hooks.acme.example/russet";
const NOWHERE = aWebhook({ url: null, set_at: null });
const NO_DELIVERIES = { items: [], next_cursor: null };
const TEST = aDelivery({ id: "01test", type: "webhook.test", created_at: "2026-01-05T10:00:01.000Z" });

beforeEach(() => signedIn());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(document, "visibilityState");
});

/** A user whose pauses are those of `ownTime`. */
const inOwnTime = () => userEvent.setup({ advanceTimers: vi.advanceTimersByTime });

/** A shop whose partner has `webhook`, until it is changed by the routes that `routes` adds. */
function serveWebhook(webhook: Webhook, deliveries: readonly Delivery[] = [], routes: Parameters<typeof serve>[0] = {}) {
  const state = { webhook, deliveries };
  const server = serve({
    "GET /partner/me": () => aPartner({ webhook: state.webhook }),
    "GET /partner/deliveries": () => ({ items: state.deliveries, next_cursor: null }),
    "PUT /partner/webhook": ({ body }) => (state.webhook = aWebhook(JSON.parse(body) as { url: string })),
    "DELETE /partner/webhook": () => {
      state.webhook = NOWHERE;
      return new Response(null, { status: 204 });
    },
    ...routes,
  });
  return { ...server, state };
}

const rows = () => within(screen.getByRole("group", { name: "Deliveries" })).getAllByRole("row").slice(1);
const cells = (row: HTMLElement) => within(row).getAllByRole("cell").map((cell) => cell.textContent);

describe("the endpoint", () => {
  it("is set, and its test comes by itself", async () => {
    ownTime();
    const user = inOwnTime();
    const server = serveWebhook(NOWHERE);
    openAt("/portal/webhooks", aShop());
    expect(await screen.findByText("Events go nowhere. Say where, and we tell you there.")).toBeVisible();
    expect(within(screen.getByRole("navigation", { name: "Partners" })).getByRole("link", { name: "Webhooks" })).toHaveAttribute("aria-current", "page");
    await user.type(screen.getByLabelText("Address"), ` ${URL_SET} `);
    await user.click(screen.getByRole("button", { name: "Set the endpoint" }));
    expect(await screen.findByText("Events go there from now on. A test is on its way.")).toBeVisible();
    expect(screen.getByText(URL_SET)).toBeVisible();
    expect(JSON.parse(server.to("PUT /partner/webhook")[0]!.body)).toEqual({ url: URL_SET });
    expect(await screen.findByText("The test is on its way")).toBeVisible();
    server.state.deliveries = [TEST];
    await vi.advanceTimersByTimeAsync(3_100);
    expect(await screen.findByRole("button", { name: `Test, ${exactWords(TEST.created_at)}` })).toBeVisible();
    const looks = server.to("GET /partner/deliveries").length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.to("GET /partner/deliveries")).toHaveLength(looks);
  });

  it("is refused at the field in the server's words, and an empty one before any call", async () => {
    const user = userEvent.setup();
    const detail = "This host is not on the open web.";
    const server = serveWebhook(NOWHERE, [], { "PUT /partner/webhook": refusal(400, detail, { errors: [{ pointer: "/url", detail, rule: "public" }] }) });
    openAt("/portal/webhooks", aShop());
    await user.click(await screen.findByRole("button", { name: "Set the endpoint" }));
    const field = screen.getByLabelText("Address");
    expect(field).toHaveFocus();
    expect(field).toHaveAccessibleDescription(/Enter an address, such as/);
    expect(server.to("PUT /partner/webhook")).toHaveLength(0);
    await user.type(field, "https://10.0.0.1/x");
    expect(field).toBeValid();
    await user.click(screen.getByRole("button", { name: "Set the endpoint" }));
    await waitFor(() => expect(field).toBeInvalid());
    expect(field).toHaveAccessibleDescription(new RegExp(detail));
    await waitFor(() => expect(field).toHaveFocus());
    expect(field).toHaveValue("https://10.0.0.1/x");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("is not cut when it is too long, but said to be so", async () => {
    const user = userEvent.setup();
    const server = serveWebhook(NOWHERE);
    openAt("/portal/webhooks", aShop());
    const field = await screen.findByLabelText("Address");
    const long = `${URL_SET}/`.padEnd(2_049, "a");
    await user.click(field);
    await user.paste(long);
    expect(field).toHaveValue(long);
    expect(field).toHaveAccessibleDescription(/An address has at most 2,048 characters, and this one has 2,049\./);
    await user.click(screen.getByRole("button", { name: "Set the endpoint" }));
    expect(field).toHaveFocus();
    expect(server.to("PUT /partner/webhook")).toHaveLength(0);
    await user.keyboard("{Backspace}");
    expect(field).toBeValid();
  });

  it("is not set when the call fails, with a reference to quote", async () => {
    const user = userEvent.setup();
    serveWebhook(aWebhook(), [], { "PUT /partner/webhook": refusal(500, "Something went wrong on our side. It has been noted.") });
    openAt("/portal/webhooks", aShop());
    await user.click(await screen.findByRole("button", { name: "Set the endpoint" }));
    expect(await screen.findByText("The endpoint was not set")).toBeVisible();
    expect(screen.getByText("Reference req-1")).toBeVisible();
  });

  it("is removed after a question, and can be set again at once", async () => {
    const user = userEvent.setup();
    const server = serveWebhook(aWebhook());
    openAt("/portal/webhooks", aShop());
    await user.click(await screen.findByRole("button", { name: "Remove the endpoint" }));
    await user.click(within(screen.getByRole("dialog", { name: "Remove the endpoint?" })).getByRole("button", { name: "Keep it" }));
    expect(server.to("DELETE /partner/webhook")).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Remove the endpoint" }));
    await user.click(screen.getByRole("button", { name: "Remove it" }));
    expect(await screen.findByText("Events go nowhere from now on.")).toBeVisible();
    expect(await screen.findByText("Events go nowhere. Say where, and we tell you there.")).toBeVisible();
    expect(screen.getByRole("heading", { name: "Endpoint" })).toHaveFocus();
    expect(screen.getByLabelText("Address")).toHaveValue("");
    await user.click(screen.getByRole("button", { name: "Set it again" }));
    expect(await screen.findByText("Events go there again. A test is on its way.")).toBeVisible();
    expect(server.to("DELETE /partner/webhook")).toHaveLength(1);
    expect(server.to("PUT /partner/webhook").map((call) => JSON.parse(call.body) as unknown)).toEqual([{ url: URL_SET }]);
    expect(await screen.findByRole("button", { name: "Remove the endpoint" })).toBeVisible();
  });

  it("says that it is stopped because it is gone, and is enabled again", async () => {
    const user = userEvent.setup();
    const server = serveWebhook(aWebhook({ disabled_at: "2026-01-05T11:00:00.000Z", disabled_for: "gone" }));
    openAt("/portal/webhooks", aShop());
    expect(await screen.findByText("Your endpoint answered 410 Gone, so we stopped. Set it again to go on.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Set it again" }));
    await waitFor(() => expect(screen.queryByText(/so we stopped/)).toBeNull());
    expect(JSON.parse(server.to("PUT /partner/webhook")[0]!.body)).toEqual({ url: URL_SET });
    expect(screen.getByRole("heading", { name: "Endpoint" })).toHaveFocus();
  });

  it("is known to be stopped as soon as a delivery says that it is gone", async () => {
    ownTime();
    const server = serveWebhook(aWebhook(), [aDelivery({ state: "pending", tries: [] })]);
    openAt("/portal/webhooks", aShop());
    expect(await screen.findByText("Not tried yet")).toBeVisible();
    server.state.webhook = aWebhook({ disabled_at: "2026-01-05T10:00:04.000Z", disabled_for: "gone" });
    server.state.deliveries = [aDelivery({ state: "failed", tries: [aTry({ status: 410, trouble: "gone" })] })];
    await vi.advanceTimersByTimeAsync(3_100);
    expect(await screen.findByText(/answered 410 Gone, so we stopped/)).toBeVisible();
    expect(screen.getByText("It answered 410 Gone")).toBeVisible();
    expect(server.to("GET /partner/me")).toHaveLength(2);
  });
});

describe("the secret", () => {
  it("is had anew after a question, and shown this once", async () => {
    const user = userEvent.setup();
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const server = serveWebhook(aWebhook(), [], {
      "POST /partner/webhook/secret": () => {
        server.state.webhook = aWebhook({ old_secret_until: until });
        return Response.json({ webhook_secret: "whsec_fresh", old_secret_until: until }, { status: 201 });
      },
    });
    openAt("/portal/webhooks", aShop());
    await user.click(await screen.findByRole("button", { name: "Get a new secret" }));
    const dialog = within(screen.getByRole("dialog", { name: "Get a new secret?" }));
    await user.click(dialog.getByRole("button", { name: "Keep the one you have" }));
    expect(server.to("POST /partner/webhook/secret")).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Get a new secret" }));
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Get a new secret" }));
    const shown = within(await screen.findByRole("group", { name: "Your new webhook secret" }));
    expect(shown.getByText("whsec_fresh")).toBeVisible();
    expect(screen.getByRole("group", { name: "Your new webhook secret" })).toHaveFocus();
    expect(screen.queryByRole("button", { name: "Get a new secret" })).toBeNull();
    expect(shown.getByText(`The old one counts until ${momentWords(until)}.`)).toBeVisible();
    await user.click(shown.getByRole("button", { name: "I have kept it" }));
    expect(screen.queryByText("whsec_fresh")).toBeNull();
    expect(screen.getByRole("heading", { name: "Secret" })).toHaveFocus();
    expect(await screen.findByText(`You have a new secret. The old one counts until ${momentWords(until)}.`)).toBeVisible();
    expect(server.to("POST /partner/webhook/secret")[0]!.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is asked for under the same key where nobody knows the outcome", async () => {
    const user = userEvent.setup();
    const answers = [refusal(500, "Something went wrong on our side. It has been noted."), refusal(422, "Not this time."), () => Response.json({ webhook_secret: "whsec_fresh", old_secret_until: "2026-01-06T10:00:00.000Z" }, { status: 201 })];
    const server = serveWebhook(aWebhook({ old_secret_until: "2026-01-05T10:00:00.000Z" }), [], { "POST /partner/webhook/secret": () => answers.shift()! });
    openAt("/portal/webhooks", aShop());
    await user.click(await screen.findByRole("button", { name: "Get a new secret" }));
    expect(screen.queryByText(/You have a new secret/)).toBeNull();
    const yes = within(screen.getByRole("dialog")).getByRole("button", { name: "Get a new secret" });
    await user.click(yes);
    expect(await screen.findByText("Something went wrong on our side. It has been noted.")).toBeVisible();
    await user.click(yes);
    expect(await screen.findByText("Not this time.")).toBeVisible();
    await user.click(yes);
    expect(await screen.findByText("whsec_fresh")).toBeVisible();
    const keys = server.to("POST /partner/webhook/secret").map((call) => call.headers.get("Idempotency-Key"));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[1]);
  });
});

describe("deliveries", () => {
  it("say in words what happened, how each stands, and what came of it", async () => {
    const soon = "2126-01-05T10:05:00.000Z";
    serveWebhook(aWebhook(), [
      aDelivery({ id: "4", type: "stock.applied", state: "pending", next_try_at: soon, tries: [aTry({ status: null, trouble: "no_answer" }), aTry({ at: "2026-01-05T10:00:20.000Z", status: 503, trouble: "status" })] }),
      aDelivery({ id: "3", state: "failed", tries: [aTry({ status: null, trouble: "private_address" })], body: '{"data":{"file_name":"old.csv"}}' }),
      aDelivery({ id: "2", type: "partner.live", state: "cancelled", tries: [] }),
      aDelivery({ id: "1", type: "webhook.test" }),
    ]);
    openAt("/portal/webhooks", aShop());
    const when = exactWords(aDelivery().created_at);
    expect(await screen.findByText("4 deliveries shown, 1 waiting")).toHaveAttribute("role", "status");
    expect(screen.getAllByRole("columnheader").map((cell) => cell.textContent)).toEqual(["What", "State", "Last answer", "Tries", "Next try", "Action"]);
    expect(rows().map(cells)).toEqual([
      [`A stock update was applied${when}`, "Waiting", "Answered 503", "2", exactWords(soon), "Send again"],
      [`A feed was readold.csv${when}`, "Failed", "The address is not on the open web", "1", "None", "Send again"],
      [`You went live${when}`, "Cancelled", "Not tried yet", "0", "None", "Send again"],
      [`Test${when}`, "Delivered", "Answered 204", "1", "None", "Send again"],
    ]);
  });

  it("open to every try, the id to copy and the body as text", async () => {
    const user = userEvent.setup();
    const body = '{"type":"feed.ended","data":{"file_name":"<img src=x onerror=alert(1)>"}}';
    serveWebhook(aWebhook(), [aDelivery({ body, tries: [aTry({ status: null, trouble: "no_connection", took_ms: 1_200 }), aTry({ at: "2026-01-05T10:00:05.000Z" })] })]);
    openAt("/portal/webhooks", aShop());
    const opener = await screen.findByRole("button", { name: /^A feed was read/ });
    await user.click(opener);
    const dialog = within(screen.getByRole("dialog", { name: "A feed was read" }));
    expect(dialog.getByText("01delivery")).toBeVisible();
    expect(dialog.getByRole("button", { name: "Copy: webhook-id" })).toBeVisible();
    expect(dialog.getByText("Your endpoint took it.")).toBeVisible();
    expect(dialog.getAllByRole("listitem").map((item) => item.textContent)).toEqual([`No connection${exactWords("2026-01-05T10:00:03.250Z")}, took 1,200 ms`, `Answered 204${exactWords("2026-01-05T10:00:05.000Z")}, took 41 ms`]);
    expect(dialog.getByRole("group", { name: "Body" }).textContent).toBe(JSON.stringify(JSON.parse(body), null, 2));
    expect(document.querySelector("dialog img")).toBeNull();
    expect(dialog.getByRole("button", { name: /^Send again: A feed was read/ })).toBeVisible();
    await user.click(dialog.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("are sent again one at a time, and looked after until they have arrived", async () => {
    ownTime();
    const user = inOwnTime();
    const name = `A feed was read, ${exactWords(aDelivery().created_at)}`;
    const server = serveWebhook(aWebhook(), [TEST, aDelivery({ state: "failed", tries: [aTry({ status: 503, trouble: "status" })] })], {
      "POST /partner/deliveries/01delivery/replay": () => Response.json(aDelivery({ state: "pending", next_try_at: "2026-01-05T11:00:00.000Z", tries: [aTry({ status: 503, trouble: "status" })] }), { status: 202 }),
    });
    openAt("/portal/webhooks", aShop());
    await user.click(await screen.findByRole("button", { name: `Send again: ${name}` }));
    expect(await screen.findByText("It is sent again, with the same webhook-id.")).toBeVisible();
    expect(cells(rows()[1]!)).toContain("Waiting");
    expect(cells(rows()[1]!)).toContain("Now");
    server.state.deliveries = [TEST, aDelivery({ tries: [aTry({ status: 503, trouble: "status" }), aTry()] })];
    await vi.advanceTimersByTimeAsync(3_100);
    await waitFor(() => expect(cells(rows()[1]!)).toContain("Delivered"));
    expect(cells(rows()[1]!)).toContain("2");
    const sent = server.to("POST /partner/deliveries/01delivery/replay");
    expect(sent).toHaveLength(1);
    expect(sent[0]!.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("are not sent again while there is no endpoint, in the server's words", async () => {
    serveWebhook(NOWHERE, [aDelivery()], { "POST /partner/deliveries/01delivery/replay": refusal(409, "Events go nowhere at the moment. Set your endpoint first.") });
    openAt("/portal/webhooks", aShop());
    await userEvent.click(await screen.findByRole("button", { name: /^Send again/ }));
    expect(await screen.findByText("Events go nowhere at the moment. Set your endpoint first.")).toBeVisible();
  });

  it("are looked at again while one waits and the tab is seen, and not otherwise", async () => {
    ownTime();
    const server = serveWebhook(aWebhook(), [aDelivery({ state: "pending", next_try_at: "2126-01-05T10:05:00.000Z" })]);
    openAt("/portal/webhooks", aShop());
    expect(await screen.findByText("1 delivery shown, 1 waiting")).toBeVisible();
    await vi.advanceTimersByTimeAsync(6_200);
    expect(server.to("GET /partner/deliveries")).toHaveLength(3);
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    await vi.advanceTimersByTimeAsync(9_300);
    expect(server.to("GET /partner/deliveries")).toHaveLength(3);
  });

  it("stay when a look fails, and wait as long as the shop asks to", async () => {
    ownTime();
    const answers = [() => ({ items: [aDelivery({ state: "pending" })], next_cursor: null }), refusal(429, "Too many requests. Please wait and try again.", {}, { "Retry-After": "9" })];
    const server = serveWebhook(aWebhook(), [], { "GET /partner/deliveries": () => (answers.shift() ?? (() => ({ items: [aDelivery()], next_cursor: null })))() });
    openAt("/portal/webhooks", aShop());
    expect(await screen.findByText("Waiting")).toBeVisible();
    await vi.advanceTimersByTimeAsync(3_100);
    expect(await screen.findByText("The last look failed")).toBeVisible();
    expect(screen.getByText("Waiting")).toBeVisible();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.to("GET /partner/deliveries")).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await screen.findByText("Delivered")).toBeVisible();
    expect(screen.queryByText("The last look failed")).toBeNull();
  });

  it("come in pages", async () => {
    const user = userEvent.setup();
    let broken = true;
    const older = () => (broken ? refusal(500, "Something went wrong on our side. It has been noted.")() : Response.json({ items: [aDelivery({ id: "00old", type: "partner.live" })], next_cursor: null }));
    const server = serveWebhook(aWebhook(), [], { "GET /partner/deliveries": ({ url }) => (url.searchParams.get("cursor") === "older" ? older() : { items: [aDelivery()], next_cursor: "older" }) });
    openAt("/portal/webhooks", aShop());
    await user.click(await screen.findByRole("button", { name: "Show more" }));
    expect(await screen.findByText("The older ones did not load")).toBeVisible();
    broken = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("You went live")).toBeVisible();
    expect(screen.getByText("2 deliveries shown")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
    expect(server.to("GET /partner/deliveries")).toHaveLength(3);
  });

  it("are none at first, and say what to do about it", async () => {
    const nowhere = serveWebhook(NOWHERE);
    const first = openAt("/portal/webhooks", aShop());
    expect(await screen.findByText("Nothing sent yet")).toBeVisible();
    expect(screen.getByText("Set your endpoint above. The first thing that it gets is a test.")).toBeVisible();
    expect(nowhere.to("GET /partner/deliveries")).toHaveLength(1);
    first.unmount();
    serveWebhook(aWebhook());
    openAt("/portal/webhooks", aShop());
    expect(await screen.findByText(/Set your endpoint again, and a test comes at once/)).toBeVisible();
  });
});

describe("the console", () => {
  it("can be asked for again when something of it did not load", async () => {
    const user = userEvent.setup();
    const answers = { me: refusal(500, "Something went wrong on our side. It has been noted.") as () => object, deliveries: refusal(500, "Something else went wrong.") as () => object };
    serve({ "GET /partner/me": () => answers.me(), "GET /partner/deliveries": () => answers.deliveries() });
    openAt("/portal/webhooks", aShop());
    expect(await screen.findByText("Your webhooks did not load")).toBeVisible();
    expect(screen.getByText("Reference req-1")).toBeVisible();
    answers.me = () => aPartner();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("The deliveries did not load")).toBeVisible();
    answers.deliveries = () => NO_DELIVERIES;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Nothing sent yet")).toBeVisible();
  });

  it("says what a key may not show", async () => {
    serve({ "GET /partner/me": refusal(403, "This key may not be used for that.") });
    openAt("/portal/webhooks", aShop());
    expect(await screen.findByText("This key cannot show the account")).toBeVisible();
  });
});
