// @vitest-environment node
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectShop } from "./client";
import { ApiProblem } from "./problem";
import { nextWait, RETRY_POLICY, retryAfterMs, sleep, type RetryWorld } from "./retry";

/** One answer of the fake server: a status with its `Retry-After` in seconds, or a connection that breaks. */
type Answer = { readonly status: number; readonly after: number | null } | "broken";

const FIXED: Record<number, string> = {
  429: "Too many requests. Please wait and try again.",
  503: "System experiencing high traffic. Please try again shortly.",
};

/** A server that gives `answers` in turn and then always `last`, with a clock that only sleeping moves. */
function fakeServer(answers: readonly Answer[], last: Answer, random: () => number) {
  const calls: { at: number; key: string | null; body: string }[] = [];
  let now = 0;
  const world: RetryWorld = {
    now: () => now,
    random,
    sleep: async (ms) => {
      now += ms;
    },
    fetch: async (request) => {
      calls.push({ at: now, key: request.headers.get("Idempotency-Key"), body: await request.text() });
      const answer = answers[calls.length - 1] ?? last;
      if (answer === "broken") throw new TypeError("connection reset");
      if (answer.status === 200) return Response.json({ items: [], next_cursor: null, id: "cart" });
      const headers = answer.after === null ? {} : { "Retry-After": String(answer.after) };
      return Response.json({ status: answer.status, detail: FIXED[answer.status] ?? "No.", code: "x", instance: "urn:request:r-1", trace_id: "t-1", errors: [] }, { status: answer.status, headers });
    },
  };
  return { calls, world };
}

const key = { header: async () => "session" };
const transient = fc.oneof(
  fc.constant<Answer>("broken"),
  fc.record({ status: fc.constantFrom(429, 502, 503, 504), after: fc.option(fc.integer({ min: 0, max: 4 }), { nil: null }) }),
);

describe("calls of the API", () => {
  globalThis.location ??= { origin: "http://shop.test" } as Location;

  // Proves: S1-P07, S1-E03
  // Feature: aws-devops-three-tier, Property 7: Failed API call → friendly message + retry
  it("are asked again after a failure, with backoff that honours Retry-After, and succeed as soon as the server does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(transient, { maxLength: RETRY_POLICY.attempts - 1 }), fc.double({ min: 0, max: 0.999, noNaN: true }), async (failures, chance) => {
        const { calls, world } = fakeServer(failures, { status: 200, after: null }, () => chance);
        await connectShop("http://api.test", key, world).listProducts({});
        expect(calls).toHaveLength(failures.length + 1);
        failures.forEach((failure, place) => {
          const waited = calls[place + 1]!.at - calls[place]!.at;
          const asked = failure === "broken" ? 0 : (failure.after ?? 0) * 1_000;
          expect(waited).toBeGreaterThanOrEqual(asked);
          expect(waited).toBeLessThanOrEqual(Math.max(asked, RETRY_POLICY.baseMs * 2 ** place));
        });
      }),
      { numRuns: 200 },
    );
  });

  // Proves: S1-P07
  it("end in words for people, with a reference, when the server does not recover", async () => {
    const lasting = fc.oneof(fc.constant<Answer>("broken"), fc.record({ status: fc.constantFrom(400, 404, 422, 429, 500, 503), after: fc.option(fc.integer({ min: 0, max: 600 }), { nil: null }) }));
    await fc.assert(
      fc.asyncProperty(lasting, async (answer) => {
        const { calls, world } = fakeServer([], answer, () => 0.5);
        const problem = await connectShop("http://api.test", key, world).listProducts({}).catch((error: unknown) => error);
        expect(problem).toBeInstanceOf(ApiProblem);
        if (!(problem instanceof ApiProblem)) return;
        const retried = answer === "broken" || ([429, 503].includes(answer.status) && (answer.after ?? 0) * 1_000 <= RETRY_POLICY.patienceMs);
        expect(calls).toHaveLength(retried ? RETRY_POLICY.attempts : 1);
        if (answer === "broken") {
          expect(problem.message).toBe("We could not reach the shop. Check your connection and try again.");
          return;
        }
        expect(problem.message).toBe(FIXED[answer.status] ?? "No.");
        expect(problem.reference).toBe("r-1");
        expect(problem.retryAfter).toBe(answer.after);
      }),
      { numRuns: 200 },
    );
  });

  // Proves: S1-P07
  it("repeat a write with the same key and the same bytes, so that it happens once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(transient, { minLength: 1, maxLength: 3 }), async (failures) => {
        const { calls, world } = fakeServer(failures, { status: 200, after: null }, () => 0);
        await connectShop("http://api.test", key, world).addCartItem("TEA-1", 2);
        expect(new Set(calls.map((call) => call.key)).size).toBe(1);
        expect(calls[0]!.key).toBeTruthy();
        expect(new Set(calls.map((call) => call.body))).toEqual(new Set(['{"sku":"TEA-1","quantity":2}']));
      }),
      { numRuns: 100 },
    );
  });

  it("ask again while an earlier request with the same key is still running", async () => {
    const { calls, world } = fakeServer([{ status: 409, after: 1 }, { status: 409, after: 1 }], { status: 200, after: null }, () => 0);
    await connectShop("http://api.test", key, world).placeOrder({ quote: "q", email: "a@b.de" }, "key-1");
    expect(calls.map((call) => call.at)).toEqual([0, 1_000, 2_000]);
    expect(calls.every((call) => call.key === "key-1")).toBe(true);
  });

  it("do not take a 429 for the outcome of the call before it, which may have worked", async () => {
    const late = { status: 429, after: 40 };
    const lost = fakeServer(["broken"], late, () => 0);
    await expect(connectShop("http://api.test", key, lost.world).placeOrder({ quote: "q", email: "a@b.de" }, "key-1")).rejects.toMatchObject({ status: 0, undecided: true });
    const refused = fakeServer([], late, () => 0);
    await expect(connectShop("http://api.test", key, refused.world).placeOrder({ quote: "q", email: "a@b.de" }, "key-1")).rejects.toMatchObject({ status: 429, untouched: true });
  });

  it("take a 409 without Retry-After as final", async () => {
    const { calls, world } = fakeServer([], { status: 409, after: null }, () => 0);
    await expect(connectShop("http://api.test", key, world).placeOrder({ quote: "q", email: "a@b.de" }, "key-1")).rejects.toThrow();
    expect(calls).toHaveLength(1);
  });
});

describe("the pause before the next call", () => {
  it("never begins for what asking again cannot mend", () => {
    for (const status of [400, 401, 402, 403, 404, 422, 500]) expect(nextWait(RETRY_POLICY, { status, retryAfterMs: null }, 1, () => 0.5)).toBeNull();
  });

  it("gives up at once when the server asks for more patience than a person has", () => {
    expect(nextWait(RETRY_POLICY, { status: 429, retryAfterMs: 37_000 }, 1, () => 0.5)).toBeNull();
  });

  it("reads Retry-After as seconds and as a date", () => {
    expect(retryAfterMs("3", 0)).toBe(3_000);
    expect(retryAfterMs("Thu, 01 Jan 1970 00:00:05 GMT", 2_000)).toBe(3_000);
    expect(retryAfterMs("soon", 0)).toBeNull();
    expect(retryAfterMs(null, 0)).toBeNull();
  });

  it("ends when the page no longer wants the answer", async () => {
    const stop = new AbortController();
    const pause = sleep(60_000, stop.signal);
    stop.abort(new Error("left"));
    await expect(pause).rejects.toThrow("left");
    await expect(sleep(1, stop.signal)).rejects.toThrow("left");
    await expect(sleep(1, new AbortController().signal)).resolves.toBeUndefined();
  });
});
