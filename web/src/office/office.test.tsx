import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aJob, aPartner, aPartnerKey, refusal, serve } from "../../test/partner";
import { aShop, openAt } from "../../test/shop";

const TOKEN = "rst_support_secret";

afterEach(() => vi.unstubAllGlobals());

describe("the office's partners", () => {
  it("are for staff: a token is kept for the tab and sent as a bearer's", async () => {
    const user = userEvent.setup();
    const server = serve({ "GET /admin/partners": { items: [aPartner()], next_cursor: null } });
    openAt("/office", aShop());
    await user.type(await screen.findByLabelText("Staff token"), TOKEN);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("link", { name: "Acme Teas" })).toHaveAttribute("href", "/office/partners/01partner");
    expect(server.calls.every((call) => call.headers.get("Authorization") === `Bearer ${TOKEN}` && !call.url.href.includes("rst_"))).toBe(true);
    expect(sessionStorage.getItem("russet.office")).toBe(TOKEN);
    await user.click(screen.getByRole("button", { name: "Sign out" }));
    expect(sessionStorage.getItem("russet.office")).toBeNull();
  });

  it("say in the server's words that a token is none, or that a role may not see them", async () => {
    const user = userEvent.setup();
    let refuse = refusal(401, "This needs a valid staff token.");
    serve({ "GET /admin/partners": () => refuse });
    openAt("/office/partners", aShop());
    await user.type(await screen.findByLabelText("Staff token"), "rst_nobody");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("This needs a valid staff token.")).toBeVisible();
    refuse = refusal(403, "This needs the role support or admin.");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("The partners did not load")).toBeVisible();
    expect(screen.getByText("This needs the role support or admin.")).toBeVisible();
  });

  it("are listed page by page, each with how far it is", async () => {
    const user = userEvent.setup();
    sessionStorage.setItem("russet.office", TOKEN);
    serve({ "GET /admin/partners": ({ url }) => (url.searchParams.has("cursor") ? { items: [aPartner({ id: "02", name: "Balm House", world: "live" }, 3)], next_cursor: null } : { items: [aPartner()], next_cursor: "two" }) });
    openAt("/office/partners", aShop());
    expect(await screen.findByText("1 of 3")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("link", { name: "Balm House" })).toBeVisible();
    expect(screen.getByText("3 of 3")).toBeVisible();
    expect(screen.getByText("2 partners shown")).toBeVisible();
  });

  it("may be none yet", async () => {
    sessionStorage.setItem("russet.office", TOKEN);
    serve({ "GET /admin/partners": { items: [], next_cursor: null } });
    openAt("/office/partners", aShop());
    expect(await screen.findByText("No partners yet")).toBeVisible();
  });
});

describe("one partner in the office", () => {
  it("shows its checklist and its keys, and nothing of the keys themselves", async () => {
    sessionStorage.setItem("russet.office", TOKEN);
    serve({ "GET /admin/partners/01partner": aPartner({ keys: [aPartnerKey({ revoked_at: "2026-01-07T10:00:00.000Z", counts: false })] }, 2) });
    openAt("/office/partners/01partner", aShop());
    expect(await screen.findByRole("heading", { level: 1, name: "Acme Teas" })).toBeVisible();
    expect(screen.getByText("Not yet")).toBeVisible();
    const table = within(screen.getByRole("group", { name: "Keys" }));
    expect(table.getByText("Revoked")).toBeVisible();
    expect(table.queryByRole("button")).toBeNull();
  });

  it("shows what it sent page by page, and where its events go", async () => {
    const user = userEvent.setup();
    sessionStorage.setItem("russet.office", TOKEN);
    const webhook = { ...aPartner().webhook, url: "https://hooks.acme.example/x" };
    serve({
      "GET /admin/partners/01partner": aPartner({ webhook }, 2),
      "GET /admin/partners/01partner/jobs": ({ url }) => (url.searchParams.has("cursor") ? { items: [aJob({ id: "02", file_name: "older.csv" })], next_cursor: null } : { items: [aJob({ file_name: "teas.csv" })], next_cursor: "two" }),
    });
    openAt("/office/partners/01partner", aShop());
    const table = within(await screen.findByRole("group", { name: "Feeds" }));
    expect(table.getByText("teas.csv")).toBeVisible();
    expect(table.queryByRole("button")).toBeNull();
    expect(screen.getByText("https://hooks.acme.example/x")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await table.findByText("older.csv")).toBeVisible();
  });

  it("is not found when there is none, and can be asked for again when the call failed", async () => {
    sessionStorage.setItem("russet.office", TOKEN);
    let reply = refusal(500, "Something went wrong on our side. It has been noted.");
    serve({ "GET /admin/partners/01partner": () => reply });
    openAt("/office/partners/01partner", aShop());
    expect(await screen.findByText("The partner did not load")).toBeVisible();
    reply = refusal(404, "There is nothing here under this name.");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("We could not find that partner")).toBeVisible();
  });
});
