// The partner portal and the office: how to get to their pages, and what partners do there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { BASE_URL } from "./browser.mjs";

/** Pages that are opened with one partner's key: a key's limit is sixty calls a minute. */
const PAGES_PER_PARTNER = 5;
const RIGHT = "sku,name,price_cents,stock\nTEA-1,Green tea,499,20\n";
const WRONG = "sku,name,price_cents,stock\nTEA-1,Green tea,499,20\nTEA-2,Mint tea,,4\n";

const run = promisify(execFile);
const aHandle = () => `t${randomBytes(6).toString("hex")}`;

/** Makes a partner, as one does that never saw the portal. */
async function onboard() {
  const body = JSON.stringify({ handle: aHandle(), name: "Acme Teas", email: "feeds@acme.example" });
  const answer = await fetch(`${BASE_URL}/partner/onboard`, { method: "POST", headers: { "content-type": "application/json" }, body });
  assert.equal(answer.status, 201, await answer.clone().text());
  return (await answer.json()).key.key;
}

let opened = 0;
let current;
/** The key of a partner who has calls left. */
function aKey() {
  if (opened % PAGES_PER_PARTNER === 0) current = onboard();
  opened += 1;
  return current;
}

async function signIn(page, address, key) {
  await page.goto(address);
  await page.getByLabel("Partner key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

async function send(page, name, text) {
  await page.getByRole("navigation", { name: "Partners" }).getByRole("link", { name: "Send a feed" }).click();
  await page.getByLabel("The feed").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("heading", { level: 2, name: "What was found" }).waitFor();
}

/** A partner's endpoint on this machine, as the local shop reaches it. What it was sent is in `heard`, the oldest first. */
async function listen() {
  const heard = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    heard.push({ id: request.headers["webhook-id"], signature: request.headers["webhook-signature"], body: Buffer.concat(parts).toString() });
    response.writeHead(204).end();
  });
  // It ends with the run, whatever else does.
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  return { heard, url: `http://127.0.0.1:${server.address().port}/russet`, close: () => server.close() };
}

async function setEndpoint(page, url) {
  await page.getByLabel("Address").fill(url);
  await page.getByRole("button", { name: "Set the endpoint" }).click();
}

/** The console of a partner of its own, whose endpoint took its test. */
async function withTest(page) {
  await signIn(page, "/portal/webhooks", await onboard());
  await setEndpoint(page, (await listen()).url);
  await deliveries(page).getByText("Delivered").waitFor();
}

const deliveries = (page) => page.getByRole("group", { name: "Deliveries" });

const inPortal = (address, heading) => async (page) => {
  await signIn(page, address, await aKey());
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
};

/** Every page of the portal and the office, by the name of its picture. */
export const PARTNER_PAGES = [
  ["portal-sign-in", (page) => page.goto("/portal")],
  ["portal-join", (page) => page.goto("/portal/join")],
  ["portal-join-errors", async (page) => {
    await page.goto("/portal/join");
    await page.getByRole("button", { name: "Get a key" }).click();
    await page.getByText("3 things need mending").waitFor();
  }],
  ["portal", inPortal("/portal", "Acme Teas")],
  ["portal-send", inPortal("/portal/send", "Send a feed")],
  ["portal-feeds", inPortal("/portal/jobs", "Feeds")],
  ["portal-keys", inPortal("/portal/keys", "Keys")],
  ["portal-webhooks", inPortal("/portal/webhooks", "Webhooks")],
  ["portal-webhooks-refused", async (page) => {
    await inPortal("/portal/webhooks", "Webhooks")(page);
    await setEndpoint(page, "https://10.0.0.1/x");
    await page.getByText("This host is not on the open web.").waitFor();
  }],
  ["portal-deliveries", withTest],
  ["portal-delivery", async (page) => {
    await withTest(page);
    await deliveries(page).getByRole("button", { name: /^Test, / }).click();
    await page.getByRole("dialog", { name: "Test" }).waitFor();
  }],
  ["portal-secret", async (page) => {
    await inPortal("/portal/webhooks", "Webhooks")(page);
    await page.getByRole("button", { name: "Get a new secret" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Get a new secret" }).click();
    await page.getByRole("group", { name: "Your new webhook secret" }).waitFor();
  }],
  ["portal-contract", inPortal("/portal/contract", "Feed contract")],
  ["portal-report", async (page) => {
    await signIn(page, "/portal", await aKey());
    await send(page, "teas.csv", WRONG);
    await page.getByRole("group", { name: "What is wrong" }).waitFor();
  }],
  ["portal-reference", (page) => page.goto("/portal/reference")],
  ["office-sign-in", (page) => page.goto("/office")],
  ["office-partners", async (page) => {
    await aKey();
    await page.goto("/office");
    await page.getByLabel("Staff token").fill(process.env.STAFF_TOKEN ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("group", { name: "Partners" }).waitFor();
  }],
];

/** What partners do. */
export const PARTNER_JOURNEYS = {
  // Proves: S4-I1
  "a partner gets in, sends a feed, signs a webhook and is live, with nobody's help": async ({ page }) => {
    await page.goto("/portal");
    await page.getByRole("link", { name: "Become a partner" }).click();
    await page.getByLabel("Handle").fill(aHandle());
    await page.getByLabel("Company").fill("Acme Teas");
    await page.getByLabel("E-mail").fill("feeds@acme.example");
    await page.getByRole("button", { name: "Get a key" }).click();
    const secret = await page.getByText(/^whsec_/).textContent();
    await page.getByRole("button", { name: "I have kept both" }).click();
    await page.getByText("1 of 3 steps done.").waitFor();
    await send(page, "teas.csv", RIGHT);
    await page.getByText("Nothing is wrong with this feed.").waitFor();
    await page.getByRole("link", { name: "Start" }).click();
    await page.getByText("2 of 3 steps done.").waitFor();
    const sample = await page.getByRole("group", { name: "Sign and send a webhook" }).textContent();
    await run("/bin/sh", ["-c", sample.replace("whsec_...", secret)], { timeout: 20_000 });
    await page.getByRole("heading", { level: 2, name: "You are live" }).waitFor();
    assert.ok(!page.url().includes("rk_"), "the key stands in the address");
  },

  // Proves: S4-U2a, S4-U2b
  "a feed's report names line, field and remedy, and is saved as a file": async ({ page }) => {
    await signIn(page, "/portal", await onboard());
    await send(page, "teas.csv", WRONG);
    const row = page.getByRole("group", { name: "What is wrong" }).getByRole("row").nth(1);
    const [line, , field, wrong, remedy] = await row.getByRole("cell").allTextContents();
    assert.equal(line, "3");
    assert.match(field, /price/);
    assert.ok(wrong.length > 0 && remedy.length > 0);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download as CSV" }).click();
    const saved = await readFile(await (await saving).path(), "utf8");
    assert.match(saved, /^line,row,column,field,rule,detail,hint,value\r\n3,/);
  },

  // Proves: S4-U2a
  "a feed that is larger than a request goes to an address of its own, and is read like any other": async ({ page }) => {
    await signIn(page, "/portal", await onboard());
    const rows = Array.from({ length: 12_000 }, (_, n) => `TEA-${n},Green tea of the field number ${n},${n % 100 === 0 ? "" : 499},20`);
    const stored = page.waitForResponse((response) => response.request().method() === "PUT");
    const [answer] = await Promise.all([stored, send(page, "harvest.csv", ["sku,name,price_cents,stock", ...rows, ""].join("\n"))]);
    assert.equal(answer.status(), 200);
    assert.notEqual(new URL(answer.url()).origin, new URL(page.url()).origin, "the bytes go to the store by themselves");
    await page.getByText("Done. 11,880 rows are right, 120 wrong.").waitFor();
  },

  "a partner sets its endpoint, is told by a test, and has it sent again": async ({ page }) => {
    await signIn(page, "/portal", await onboard());
    await page.getByRole("navigation", { name: "Partners" }).getByRole("link", { name: "Webhooks" }).click();
    await setEndpoint(page, "https://10.0.0.1/x");
    const field = page.getByLabel("Address");
    await page.getByText("This host is not on the open web.").waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.ok(await field.evaluate((element) => element === document.activeElement), "the field does not have the focus");

    const endpoint = await listen();
    await setEndpoint(page, endpoint.url);
    await page.getByText("Events go to").waitFor();
    const row = deliveries(page).getByRole("row").nth(1);
    await row.getByText("Delivered").waitFor();
    assert.equal(endpoint.heard.length, 1);
    assert.equal(JSON.parse(endpoint.heard[0].body).type, "webhook.test");
    assert.match(endpoint.heard[0].signature, /^v1,/);

    await row.getByRole("button", { name: /^Send again: Test, / }).click();
    await page.getByText("It is sent again, with the same webhook-id.").first().waitFor();
    await row.getByRole("cell", { name: "2", exact: true }).waitFor();
    await row.getByText("Delivered").waitFor();
    assert.deepEqual(endpoint.heard.map(({ id, body }) => [id, body]), [0, 1].map(() => [endpoint.heard[0].id, endpoint.heard[0].body]));

    await row.getByRole("button", { name: /^Test, / }).click();
    const dialog = page.getByRole("dialog", { name: "Test" });
    await dialog.getByText(endpoint.heard[0].id, { exact: true }).waitFor();
    assert.equal(await dialog.getByText("Answered 204").count(), 2);
    assert.deepEqual(JSON.parse(await dialog.getByRole("group", { name: "Body" }).textContent()), JSON.parse(endpoint.heard[0].body));
    endpoint.close();
  },

  "a key that is revoked leads back to the sign-in": async ({ page }) => {
    await signIn(page, "/portal/keys", await onboard());
    await page.getByRole("button", { name: /^Revoke the key/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke the key" }).click();
    await page.getByLabel("Partner key").waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.getItem("russet.portal")), null);
  },
};
