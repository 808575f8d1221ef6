import { describe, expect, it } from "vitest";
import { ApiProblem, unreachable } from "./problem";

describe("a problem", () => {
  it.each([
    [402, "Payment could not be processed. Please try again or use different payment method."],
    [409, "This item is no longer available."],
    [429, "Too many requests. Please wait and try again."],
    [503, "System experiencing high traffic. Please try again shortly."],
  ])("of status %i has its fixed words even when the answer brought none", (status, words) => {
    expect(new ApiProblem(status, {}, null).message).toBe(words);
  });

  it("speaks with the API's own words where it has them", () => {
    expect(new ApiProblem(422, { detail: "The coupon has ended." }, null).message).toBe("The coupon has ended.");
  });

  it("is quoted by its request, or else by its trace", () => {
    expect(new ApiProblem(500, { instance: "urn:request:abc", trace_id: "t" }, null).reference).toBe("abc");
    expect(new ApiProblem(500, { trace_id: "t" }, null).reference).toBe("t");
    expect(unreachable().reference).toBeNull();
  });

  it("leaves a payment undecided when no answer, a server's failure or a running twin came back, and only then", () => {
    expect(unreachable().undecided).toBe(true);
    expect(new ApiProblem(503, {}, null).undecided).toBe(true);
    expect(new ApiProblem(409, {}, 1).undecided).toBe(true);
    expect(new ApiProblem(409, {}, null).undecided).toBe(false);
    expect(new ApiProblem(402, {}, null).undecided).toBe(false);
  });

  it("has begun nothing when the shop asked to be asked later, before any work", () => {
    const resting = new ApiProblem(503, { code: "payments_unavailable" }, 12);
    expect([resting.untouched, resting.undecided]).toEqual([true, false]);
    expect(new ApiProblem(429, { code: "rate_limited" }, 37).untouched).toBe(true);
    expect(new ApiProblem(503, { code: "unavailable" }, 1).untouched).toBe(false);
    expect(new ApiProblem(409, { code: "sale_not_open" }, 30).undecided).toBe(false);
  });
});
