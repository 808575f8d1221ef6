import { describe, expect, it } from "vitest";
import { anOrder, dollars } from "../../test/shop";
import type { OrderState } from "../api/shapes";
import { eventWords, isUndecided, nextWords, STATE_WORDS, stateTone, story } from "./order-words";

const at = "2026-01-05T10:00:00.000Z";

describe("an order's story", () => {
  it("tells what happened in people's words, leaves out the machinery, and goes on with what is to come", () => {
    expect(story(anOrder()).map((moment) => moment.words)).toEqual(["You placed the order", "Paid", "We pack it", "It leaves for you", "It arrives"]);
  });

  it("ends with an order that is over", () => {
    const order = anOrder({ state: "cancelled", events: [{ version: 1, type: "placed", at, by: "customer" }, { version: 2, type: "cancelled", at, by: "customer", text: "Ordered twice" }] });
    expect(story(order).map((moment) => [moment.words, moment.detail])).toEqual([["You placed the order", null], ["Cancelled", "Ordered twice"]]);
  });

  it("names a parcel only where there are several", () => {
    const events = [{ version: 1, type: "packed", at, by: "staff", text: "parcel p1" }];
    const parcel = { id: "p1", carrier: null, tracking: null, lines: [], packed_at: at, shipped_at: null, delivered_at: null };
    expect(story(anOrder({ state: "packed", events, parcels: [parcel] }))[0]!.detail).toBeNull();
    expect(story(anOrder({ state: "packed", events, parcels: [parcel, { ...parcel, id: "p2" }] }))[0]!.detail).toBe("parcel p1");
  });

  it("tells an event that is new to this page by its own name", () => {
    expect(eventWords("gift_wrapped")).toBe("Gift wrapped");
  });
});

describe("what comes next", () => {
  const time = (text: string) => text;

  it("is said for every state", () => {
    for (const state of Object.keys(STATE_WORDS) as OrderState[]) {
      expect(nextWords(anOrder({ state }), time).length).toBeGreaterThan(10);
      expect(["going", "good", "over"]).toContain(stateTone(state));
    }
  });

  it("speaks of a refund only where something was paid", () => {
    expect(nextWords(anOrder({ state: "cancelled" }), time)).toContain("on its way back");
    expect(nextWords(anOrder({ state: "cancelled", payment: null }), time)).toContain("nothing is charged");
  });

  it("asks for nothing while the bank is silent, and for the payment when none was made", () => {
    const silent = anOrder({ state: "pending_payment", payment: { state: "processing", method: "card", amount: dollars(1), refunded: dollars(0), calls: 1, card: null, action: null } });
    expect(isUndecided(silent)).toBe(true);
    expect(nextWords(silent, time)).toContain("never charged twice");
    expect(nextWords(anOrder({ state: "pending_payment", payment: null, expires_at: at }), time)).toContain(`Pay by ${at}`);
    expect(nextWords(anOrder({ state: "pending_payment", payment: null }), time)).toContain("waits for your payment");
  });
});
