import { vi } from "vitest";
import type { Delivery, DeliveryTry, FeedContract, FeedJob, NewPartnerKey, Partner, PartnerKey, Rejection, Validation, Webhook } from "../src/api/shapes";

export const KEY = "rk_test_01key_secret";

export function aPartnerKey(part: Partial<PartnerKey> = {}): PartnerKey {
  return {
    id: "01key", world: "sandbox", scopes: ["feeds", "stock", "account"], created_at: "2026-01-05T10:00:00.000Z", expires_at: "2027-01-05T10:00:00.000Z",
    revoked_at: null, last_used_at: null, counts: true, ...part,
  };
}

export function aNewKey(part: Partial<NewPartnerKey> = {}): NewPartnerKey {
  return { ...aPartnerKey({ id: "02key" }), key: "rk_test_02key_fresh", ...part };
}

/** A partner whose key is used and nothing more, or as many of the three steps as `done` says. */
export function aPartner(part: Partial<Partner> = {}, done = 1): Partner {
  const at = "2026-01-05T10:00:01.000Z";
  const steps = ["key_used", "feed_validated", "webhook_verified"] as const;
  return {
    id: "01partner", handle: "acme", name: "Acme Teas", email: "f•••@acme.example", world: "sandbox", created_at: "2026-01-05T10:00:00.000Z", live_at: null,
    checklist: steps.map((step, place) => ({ step, done_at: place < done ? at : null })), keys: [aPartnerKey()], webhook: aWebhook({ url: null, set_at: null }), ...part,
  };
}

/** An endpoint that is set. */
export function aWebhook(part: Partial<Webhook> = {}): Webhook {
  return { url: "https://hooks.acme.example/russet", set_at: "2026-01-05T10:00:00.000Z", disabled_at: null, disabled_for: null, old_secret_until: null, ...part };
}

export function aTry(part: Partial<DeliveryTry> = {}): DeliveryTry {
  return { at: "2026-01-05T10:00:03.250Z", took_ms: 41, status: 204, trouble: null, ...part };
}

/** A delivery that the endpoint took at the first try. */
export function aDelivery(part: Partial<Delivery> = {}): Delivery {
  return {
    id: "01delivery", type: "feed.ended", state: "delivered", created_at: "2026-01-05T10:00:03.000Z", next_try_at: null, tries: [aTry()],
    body: '{"type":"feed.ended","timestamp":"2026-01-05T10:00:03.000Z","data":{"job":"01job","state":"done"}}', ...part,
  };
}

export function aJob(part: Partial<FeedJob> = {}): FeedJob {
  return {
    id: "01job", world: "sandbox", state: "done", file_name: "teas.csv", format: "csv", bytes: 120, all_or_nothing: false, received_at: "2026-01-05T10:00:02.000Z",
    counts: { seen: 3, accepted: 2, changed: 2, rejected: 1, merged: 0 }, by_rule: { price_required: 1 }, refusal: null, report_parts: 1, events: [], ...part,
  };
}

export const NOTHING_COUNTED = { seen: 0, accepted: 0, changed: 0, rejected: 0, merged: 0 };

export function aRejection(part: Partial<Rejection> = {}): Rejection {
  return { line: 3, row: 2, column: 3, field: "price", rule: "price_required", detail: "The price is missing.", hint: "State a price.", value_start: "", ...part };
}

export function aValidation(part: Partial<Validation> = {}): Validation {
  return { format: "csv", counts: aJob().counts, by_rule: { price_required: 1 }, refusal: null, rejections: [aRejection()], ...part };
}

export function aContract(): FeedContract {
  return {
    version: "1.0",
    fields: [{ field: "sku", required: true, about: "The partner's own name of what is sold." }, { field: "brand", required: false, about: "Who makes it." }],
    formats: [{ format: "csv", media_types: ["text/csv"], example: "sku,name\nTEA-1,Green tea\n" }, { format: "xlsx", media_types: ["application/xlsx"], example: "" }],
    rules: [{ rule: "price_required", message: "The price is missing.", hint: "State a price." }],
    mapping: {
      example: '{"fields": {"name": "title"}}',
      members: [{ name: "decimal", about: "How prices are written." }],
      fields: [{ name: "sale_price", about: "What it costs just now." }],
    },
  };
}

/** One call as the server heard it. */
export interface Heard {
  readonly route: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

type Reply = Response | object | (() => Response);
type Route = Reply | ((heard: Heard) => Reply | Promise<Reply>);

/** A refusal as the API words it. */
export function refusal(status: number, detail: string, more: object = {}, headers: Record<string, string> = {}): () => Response {
  return () => Response.json({ title: "Refused", status, detail, instance: "urn:request:req-1", ...more }, { status, headers });
}

/** An API behind the pages whose answers are `routes`, named `GET /partner/me`. What it heard is in `calls`, oldest first. */
export function serve(routes: Record<string, Route>) {
  const calls: Heard[] = [];
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const heard = { route: `${request.method} ${url.pathname}`, url, headers: request.headers, body: await request.text() };
    calls.push(heard);
    const route = routes[heard.route];
    if (route === undefined) return refusal(404, "There is nothing here under this name.")();
    let reply: Reply = typeof route === "function" ? await (route as (heard: Heard) => Reply | Promise<Reply>)(heard) : route;
    if (typeof reply === "function") reply = (reply as () => Response)();
    return reply instanceof Response ? reply.clone() : Response.json(reply);
  };
  vi.stubGlobal("fetch", vi.fn(answer));
  return { calls, to: (route: string) => calls.filter((call) => call.route === route) };
}

/** Time that a test moves on, while promises go on as ever. */
export function ownTime(): void {
  vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
}

/** Signs in before the pages open, as a tab does that was signed in and is loaded again. */
export function signedIn(secret = KEY): void {
  sessionStorage.setItem("russet.portal", secret);
}
