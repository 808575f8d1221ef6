// What staff do to set the stage for a journey.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { BASE_URL } from "./browser.mjs";

/** A staff call with the admin's token of the environment: a GET without a body, a POST with one. */
export async function staff(path, body) {
  const token = process.env.STAFF_TOKEN;
  assert.ok(token, "STAFF_TOKEN must hold an admin's token");
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": randomUUID() };
  const answer = await fetch(`${BASE_URL}${path}`, body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}
