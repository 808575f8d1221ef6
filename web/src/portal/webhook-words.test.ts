import { describe, expect, it } from "vitest";
import { aDelivery, aTry } from "../../test/partner";
import { exactWords } from "../desk/words";
import { answerWords, DELIVERY_WORDS, eventWords, hasTest, lastAnswerWords, nextTryWords, prettyBody, saidGone } from "./webhook-words";

const NOW = Date.parse("2026-01-05T10:00:10.000Z");

describe("what is said of a delivery", () => {
  it("is what happened, and the event's own name where these pages do not know it", () => {
    expect(["feed.ended", "stock.applied", "partner.live", "webhook.test", "order.placed"].map(eventWords)).toEqual(["A feed was read", "A stock update was applied", "You went live", "Test", "order.placed"]);
    expect(Object.values(DELIVERY_WORDS)).toEqual(["Waiting", "Delivered", "Failed", "Cancelled"]);
  });

  it("is what came of a try, whatever that was", () => {
    const words = (status: number | null, trouble: string | null, took_ms = 41) => answerWords(aTry({ status, trouble, took_ms }));
    expect(words(204, null)).toBe("Answered 204");
    expect(words(503, "status")).toBe("Answered 503");
    expect(words(302, "redirect")).toBe("It redirected; we do not follow");
    expect(words(410, "gone")).toBe("It answered 410 Gone");
    expect(words(null, "private_address")).toBe("The address is not on the open web");
    expect(words(null, "no_connection")).toBe("No connection");
    expect(words(null, "no_answer")).toBe("No complete answer");
    expect(words(null, "no_answer", 15_000)).toBe("No complete answer within 15 seconds");
    expect(words(null, "something_new")).toBe("No answer");
  });

  it("is the last answer, and when the next try comes", () => {
    expect(lastAnswerWords(aDelivery({ tries: [aTry({ status: 503, trouble: "status" }), aTry()] }))).toBe("Answered 204");
    expect(lastAnswerWords(aDelivery({ tries: [] }))).toBe("Not tried yet");
    expect(nextTryWords(aDelivery(), NOW)).toBe("None");
    expect(nextTryWords(aDelivery({ next_try_at: "2026-01-05T10:00:10.000Z" }), NOW)).toBe("Now");
    expect(nextTryWords(aDelivery({ next_try_at: "2026-01-05T10:05:00.000Z" }), NOW)).toBe(exactWords("2026-01-05T10:05:00.000Z"));
  });

  it("is its body with line breaks, and as it stands where it is no JSON", () => {
    expect(prettyBody('{"type":"webhook.test","data":{}}')).toBe('{\n  "type": "webhook.test",\n  "data": {}\n}');
    expect(prettyBody("not { json")).toBe("not { json");
  });
});

describe("what a delivery says of the endpoint", () => {
  it("is that it is gone, unless it was set again since", () => {
    const gone = aDelivery({ tries: [aTry(), aTry({ status: 410, trouble: "gone" })] });
    expect(saidGone(gone, "2026-01-05T10:00:00.000Z")).toBe(true);
    expect(saidGone(gone, "2026-01-05T10:00:04.000Z")).toBe(false);
    expect(saidGone(gone, null)).toBe(false);
    expect(saidGone(aDelivery(), "2026-01-05T10:00:00.000Z")).toBe(false);
  });

  it("is that its test is there, and not only the test of one before", () => {
    const test = aDelivery({ type: "webhook.test" });
    expect(hasTest([aDelivery(), test], "2026-01-05T10:00:03.000Z")).toBe(true);
    expect(hasTest([aDelivery(), test], "2026-01-05T10:00:03.001Z")).toBe(false);
    expect(hasTest([aDelivery()], "2026-01-05T10:00:00.000Z")).toBe(false);
  });
});
