// The partner portal and the office: how to get to their pages, and what partners do there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
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

  "a key that is revoked leads back to the sign-in": async ({ page }) => {
    await signIn(page, "/portal/keys", await onboard());
    await page.getByRole("button", { name: /^Revoke the key/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke the key" }).click();
    await page.getByLabel("Partner key").waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.getItem("russet.portal")), null);
  },
};
