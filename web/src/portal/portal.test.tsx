import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aContract, aNewKey, aPartner, aPartnerKey, KEY, refusal, serve, signedIn } from "../../test/partner";
import { aShop, openAt } from "../../test/shop";

afterEach(() => vi.unstubAllGlobals());

const NO_KEY = "This needs a partner's key that counts, in the header X-API-Key.";

describe("signing in to the portal", () => {
  // Proves: S4-I1
  it("takes a key, keeps it for the tab, and sends it in a header and never in an address", async () => {
    const user = userEvent.setup();
    const server = serve({ "GET /partner/me": aPartner() });
    openAt("/portal", aShop());
    await user.type(await screen.findByLabelText("Partner key"), ` ${KEY} `);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Acme Teas" })).toBeVisible();
    expect(sessionStorage.getItem("russet.portal")).toBe(KEY);
    expect(localStorage).toHaveLength(0);
    for (const call of server.calls) {
      expect(call.headers.get("X-API-Key")).toBe(KEY);
      expect(call.url.href).not.toContain("secret");
    }
    expect(location.href).not.toContain("secret");
    expect(screen.getByRole("main")).toHaveFocus();
  });

  it("asks for a key before it calls anybody, and says at the field that a wrong one is none", async () => {
    const user = userEvent.setup();
    const server = serve({ "GET /partner/me": refusal(401, NO_KEY) });
    openAt("/portal", aShop());
    await user.click(await screen.findByRole("button", { name: "Sign in" }));
    expect(screen.getByText("Enter your key.")).toBeVisible();
    expect(screen.getByLabelText("Partner key")).toHaveFocus();
    expect(server.calls).toHaveLength(0);
    await user.type(screen.getByLabelText("Partner key"), "rk_test_wrong");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("We know no such key, or it was revoked or has ended.")).toBeVisible();
    expect(screen.getByLabelText("Partner key")).toBeInvalid();
    expect(screen.getByLabelText("Partner key")).toHaveFocus();
    expect(screen.getByLabelText("Partner key")).toHaveAccessibleDescription(/We know no such key/);
    expect(screen.queryByText(NO_KEY)).toBeNull();
    expect(sessionStorage.getItem("russet.portal")).toBeNull();
  });

  it("does not blame the key when the shop fails", async () => {
    const user = userEvent.setup();
    serve({ "GET /partner/me": refusal(500, "Something went wrong on our side. It has been noted.") });
    openAt("/portal", aShop());
    await user.type(await screen.findByLabelText("Partner key"), KEY);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("Something went wrong on our side. It has been noted.")).toBeVisible();
    expect(screen.getByText("Reference req-1")).toBeVisible();
    expect(screen.getByLabelText("Partner key")).toBeValid();
  });

  it("leads back to the sign-in with the server's words when the key counts no more", async () => {
    signedIn();
    serve({ "GET /partner/jobs": refusal(401, NO_KEY) });
    openAt("/portal/jobs", aShop());
    expect(await screen.findByText(NO_KEY)).toBeVisible();
    expect(screen.getByLabelText("Partner key")).toBeVisible();
    expect(sessionStorage.getItem("russet.portal")).toBeNull();
  });

  it("forgets the key when somebody signs out", async () => {
    signedIn();
    serve({ "GET /partner/me": aPartner() });
    openAt("/portal", aShop());
    await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
    expect(await screen.findByLabelText("Partner key")).toBeVisible();
    expect(sessionStorage.getItem("russet.portal")).toBeNull();
    expect(screen.queryByText("Acme Teas")).toBeNull();
  });

  it("takes a key that may not see the account, and says what it cannot show", async () => {
    const user = userEvent.setup();
    serve({ "GET /partner/me": refusal(403, "This key may not be used for that.") });
    openAt("/portal", aShop());
    await user.type(await screen.findByLabelText("Partner key"), KEY);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("This key cannot show the account")).toBeVisible();
    expect(screen.getByText("This key may not be used for that.")).toBeVisible();
    expect(screen.getByRole("link", { name: "sending a feed" })).toHaveAttribute("href", "/portal/send");
  });
});

describe("becoming a partner", () => {
  const fill = async (user: ReturnType<typeof userEvent.setup>) => {
    await user.type(await screen.findByLabelText("Handle"), "acme");
    await user.type(screen.getByLabelText("Company"), "Acme Teas");
    await user.type(screen.getByLabelText("E-mail"), "feeds@acme.example");
  };

  // Proves: S4-I1
  it("shows the key and the secret this once, and signs in with the key", async () => {
    const user = userEvent.setup();
    const server = serve({
      "POST /partner/onboard": () => Response.json({ partner: aPartner({}, 0), key: aNewKey(), webhook_secret: "whsec_c2VjcmV0" }, { status: 201 }),
      "GET /partner/me": aPartner(),
    });
    openAt("/portal/join", aShop());
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Get a key" }));
    expect(await screen.findByText("rk_test_02key_fresh")).toBeVisible();
    expect(screen.getByText("whsec_c2VjcmV0")).toBeVisible();
    expect(screen.getByText(/shown this once/)).toBeVisible();
    expect(JSON.parse(server.calls[0]!.body)).toEqual({ handle: "acme", name: "Acme Teas", email: "feeds@acme.example" });
    expect(server.calls[0]!.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
    await user.click(screen.getByRole("button", { name: "Copy: Your key" }));
    await waitFor(async () => expect(await navigator.clipboard.readText()).toBe("rk_test_02key_fresh"));
    await user.click(screen.getByRole("button", { name: "I have kept both" }));
    expect(await screen.findByRole("heading", { level: 2, name: "On the way to live" })).toBeVisible();
    expect(screen.queryByText("rk_test_02key_fresh")).toBeNull();
    expect(screen.queryByText("whsec_c2VjcmV0")).toBeNull();
    expect(sessionStorage.getItem("russet.portal")).toBe("rk_test_02key_fresh");
    expect(JSON.stringify({ ...sessionStorage, ...localStorage })).not.toContain("whsec_");
  });

  it("names what needs mending, with the focus on the list and a way to each field", async () => {
    const user = userEvent.setup();
    const server = serve({});
    openAt("/portal/join", aShop());
    await user.type(await screen.findByLabelText("Handle"), "Acme!");
    await user.click(screen.getByRole("button", { name: "Get a key" }));
    const list = await screen.findByRole("alert");
    expect(list).toHaveFocus();
    expect(within(list).getByText("3 things need mending")).toBeVisible();
    await user.click(within(list).getByRole("link", { name: /Enter an e-mail address/ }));
    expect(screen.getByLabelText("E-mail")).toHaveFocus();
    expect(screen.getByLabelText("Handle")).toBeInvalid();
    expect(server.calls).toHaveLength(0);
  });

  it("shows what the shop itself finds wrong, at the field or above the form", async () => {
    const user = userEvent.setup();
    let refuse = refusal(400, "The handle is not right.", { errors: [{ pointer: "/handle", detail: "Handles of our own are not given away.", rule: "reserved" }] });
    const server = serve({ "POST /partner/onboard": () => refuse });
    openAt("/portal/join", aShop());
    await fill(user);
    await user.click(screen.getByRole("button", { name: "Get a key" }));
    await waitFor(() => expect(screen.getByLabelText("Handle")).toBeInvalid());
    expect(screen.getAllByText("Handles of our own are not given away.")).toHaveLength(2);
    refuse = refusal(409, "This handle is taken. Choose another.");
    await user.click(screen.getByRole("button", { name: "Get a key" }));
    expect(await screen.findByText("This handle is taken. Choose another.")).toBeVisible();
    const keys = server.calls.map((call) => call.headers.get("Idempotency-Key"));
    expect(new Set(keys).size).toBe(2);
  });
});

describe("the portal's start", () => {
  // Proves: S4-I1
  it("says what to do next for each open step, and turns green by itself", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 50, toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
    signedIn();
    let partner = aPartner();
    serve({ "GET /partner/me": () => partner });
    openAt("/portal", aShop());
    expect(await screen.findByText("1 of 3 steps done.")).toBeVisible();
    expect(within(screen.getByRole("main")).getByRole("link", { name: "Send a feed" })).toHaveAttribute("href", "/portal/send");
    const sample = screen.getByRole("group", { name: "Sign and send a webhook" });
    expect(sample).toHaveTextContent("X-Partner-Id: 01partner");
    partner = aPartner({ world: "live", live_at: "2026-01-06T10:00:00.000Z" }, 3);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await screen.findByText("You are live")).toBeVisible();
    expect(screen.getByRole("link", { name: "Get a live key" })).toHaveAttribute("href", "/portal/keys");
    vi.useRealTimers();
  });

  it("says so when the account does not load, and looks again when asked", async () => {
    signedIn();
    let broken = true;
    serve({ "GET /partner/me": () => (broken ? refusal(500, "Something went wrong on our side. It has been noted.") : aPartner()) });
    openAt("/portal", aShop());
    expect(await screen.findByText("Your account did not load")).toBeVisible();
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Acme Teas" })).toBeVisible();
  });

  it("is a page for addresses that lead nowhere", async () => {
    signedIn();
    serve({});
    openAt("/portal/no/such/page", aShop());
    expect(await screen.findByText("We could not find that page")).toBeVisible();
  });
});

describe("keys", () => {
  it("are listed, and one is revoked after a question", async () => {
    const user = userEvent.setup();
    signedIn();
    let keys = [aPartnerKey(), aPartnerKey({ id: "00key", last_used_at: "2026-01-05T11:00:00.000Z", scopes: ["feeds"], expires_at: "2026-01-06T10:00:00.000Z", counts: false })];
    const server = serve({
      "GET /partner/me": () => aPartner({ keys }),
      "DELETE /partner/keys/01key": () => {
        keys = [{ ...keys[0]!, revoked_at: "2026-01-07T10:00:00.000Z", counts: false }, keys[1]!];
        return new Response(null, { status: 204 });
      },
    });
    openAt("/portal/keys", aShop());
    const table = await screen.findByRole("table");
    expect(within(table).getByText("Feeds, stock, account")).toBeVisible();
    expect(within(table).getByText("Ended")).toBeVisible();
    await user.click(within(table).getByRole("button", { name: "Revoke the key 01key" }));
    const dialog = screen.getByRole("dialog", { name: "Revoke this key?" });
    expect(within(dialog).getByText("This is your last key. Without one you cannot sign in here any more.")).toBeVisible();
    await user.click(within(dialog).getByRole("button", { name: "Keep it" }));
    expect(server.to("DELETE /partner/keys/01key")).toHaveLength(0);
    await user.click(within(table).getByRole("button", { name: "Revoke the key 01key" }));
    await user.click(screen.getByRole("button", { name: "Revoke the key" }));
    expect(await screen.findByText("Revoked")).toBeVisible();
    expect(server.to("DELETE /partner/keys/01key")).toHaveLength(1);
    expect(await screen.findByText("The key counts no more.")).toBeVisible();
  });

  it("are made for what was chosen, and shown this once", async () => {
    const user = userEvent.setup();
    signedIn();
    const server = serve({ "GET /partner/me": aPartner(), "POST /partner/keys": () => Response.json(aNewKey(), { status: 201 }) });
    openAt("/portal/keys", aShop());
    expect(await screen.findByRole("radio", { name: /Live/ })).toBeDisabled();
    for (const name of [/Feeds/, /Stock/, /Account/]) await user.click(screen.getByRole("checkbox", { name }));
    await user.click(screen.getByRole("button", { name: "Get a key" }));
    expect(screen.getByText("A key is for something: choose at least one.")).toBeVisible();
    await user.click(screen.getByRole("checkbox", { name: /Feeds/ }));
    await user.selectOptions(screen.getByLabelText("How long it counts"), "30");
    await user.click(screen.getByRole("button", { name: "Get a key" }));
    expect(await screen.findByText("rk_test_02key_fresh")).toBeVisible();
    expect(JSON.parse(server.to("POST /partner/keys")[0]!.body)).toEqual({ world: "sandbox", scopes: ["feeds"], expires_in_days: 30 });
    expect(screen.getByRole("group", { name: "Your new key" })).toHaveFocus();
    expect(screen.queryByRole("button", { name: "Get a key" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "I have kept it" }));
    expect(screen.queryByText("rk_test_02key_fresh")).toBeNull();
    expect(screen.getByRole("heading", { name: "Get one more key" })).toHaveFocus();
    expect(screen.getByLabelText("How long it counts")).toHaveValue("30");
  });

  it("keep the focus while one is made, and make one only", async () => {
    const user = userEvent.setup();
    signedIn();
    let answer: (response: Response) => void = () => undefined;
    const server = serve({ "GET /partner/me": aPartner(), "POST /partner/keys": () => new Promise<Response>((resolve) => (answer = resolve)) });
    openAt("/portal/keys", aShop());
    await user.click(await screen.findByRole("button", { name: "Get a key" }));
    const button = await screen.findByRole("button", { name: "Making a key" });
    expect(button).toHaveFocus();
    expect(button).toHaveAttribute("aria-disabled", "true");
    await user.click(button);
    answer(Response.json(aNewKey(), { status: 201 }));
    expect(await screen.findByText("rk_test_02key_fresh")).toBeVisible();
    expect(server.to("POST /partner/keys")).toHaveLength(1);
  });

  it("are not called the last one while another counts", async () => {
    signedIn();
    serve({ "GET /partner/me": aPartner({ keys: [aPartnerKey(), aPartnerKey({ id: "00key" })] }) });
    openAt("/portal/keys", aShop());
    await userEvent.click(await screen.findByRole("button", { name: "Revoke the key 01key" }));
    expect(within(screen.getByRole("dialog")).queryByText(/your last key/)).toBeNull();
  });

  it("are not for a key that may not see the account", async () => {
    signedIn();
    serve({ "GET /partner/me": refusal(403, "This key may not be used for that.") });
    openAt("/portal/keys", aShop());
    expect(await screen.findByText("This key cannot show the account")).toBeVisible();
    expect(screen.getByRole("link", { name: "sending a feed" })).toBeVisible();
  });

  it("are not made when two count, in the server's words", async () => {
    const user = userEvent.setup();
    signedIn();
    serve({
      "GET /partner/me": aPartner({ world: "live", live_at: "2026-01-06T10:00:00.000Z" }, 3),
      "POST /partner/keys": refusal(409, "Two keys of this world count already. Revoke one first."),
    });
    openAt("/portal/keys", aShop());
    await user.click(await screen.findByRole("radio", { name: /Live/ }));
    await user.click(screen.getByRole("button", { name: "Get a key" }));
    expect(await screen.findByText("Two keys of this world count already. Revoke one first.")).toBeVisible();
  });
});

describe("what can be read up", () => {
  it("is the feed contract: fields, formats and rules with their hints", async () => {
    signedIn();
    serve({ "GET /partner/contract": aContract() });
    openAt("/portal/contract", aShop());
    expect(await screen.findByText("Version 1.0")).toBeVisible();
    expect(within(screen.getByRole("group", { name: "Fields" })).getByText("sku")).toBeVisible();
    expect(screen.getByRole("group", { name: "Example in csv" })).toHaveTextContent("TEA-1,Green tea");
    expect(within(screen.getByRole("group", { name: "Rules" })).getByText("State a price.")).toBeVisible();
    expect(screen.getAllByRole("heading", { level: 3 }).map((heading) => heading.textContent)).toEqual(["csv", "xlsx"]);
  });

  it("is how a mapping is written, where one is being written", async () => {
    signedIn();
    serve({ "GET /partner/contract": aContract() });
    const user = userEvent.setup();
    openAt("/portal/send", aShop());
    await user.click(await screen.findByText("Mapping"));
    await user.click(screen.getByText("How a mapping is written"));
    expect(await screen.findByRole("group", { name: "A mapping" })).toHaveTextContent('{"fields": {"name": "title"}}');
    expect(within(screen.getByRole("group", { name: "What a mapping says" })).getByText("How prices are written.")).toBeVisible();
    expect(within(screen.getByRole("group", { name: "Fields of a mapping" })).getByText("sale_price")).toBeVisible();
  });

  it("is every call of the partners' API, with a line to copy, before anybody signs in", async () => {
    serve({});
    openAt("/portal/reference", aShop());
    expect(await screen.findByRole("heading", { level: 2, name: "Send a feed" })).toBeVisible();
    const sample = screen.getByRole("group", { name: "Sample for POST /partner/ingest" });
    expect(sample).toHaveTextContent('curl -X POST "http://localhost:3000/partner/ingest"');
    expect(sample).toHaveTextContent('-H "X-API-Key: $RUSSET_KEY"');
    expect(sample).toHaveTextContent("--data-binary @feed.csv");
    expect(screen.getByRole("group", { name: "Sample for GET /partner/jobs/{jobId}" })).toHaveTextContent("/partner/jobs/$JOB_ID");
    expect(screen.getByRole("group", { name: "Sample for POST /partner/onboard" })).not.toHaveTextContent("X-API-Key");
    expect(screen.getByRole("group", { name: "Sample for POST /partner/webhooks/stock" })).toHaveTextContent("webhook-signature");
    expect(screen.getByRole("group", { name: "Sample for PUT /partner/webhook" })).toHaveTextContent('--data-raw \'{"url":"https://hooks.acme.example/russet"}\'');
    expect(screen.getByRole("group", { name: "Sample for POST /partner/deliveries/{deliveryId}/replay" })).toHaveTextContent("/partner/deliveries/$DELIVERY_ID/replay");
  });
});
