import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addMoney, decimalText, formatMoney, minorDigits } from "./money";

describe("money", () => {
  it("is written in the reader's way from minor units", () => {
    expect(formatMoney({ amount: 1999, currency: "USD" }, "en-US")).toBe("$19.99");
    expect(formatMoney({ amount: 1999, currency: "EUR" }, "de-DE")).toBe("19,99\u00a0€");
    expect(formatMoney({ amount: -298, currency: "USD" }, "en-US")).toBe("-$2.98");
  });

  it("knows currencies without decimals and with three", () => {
    expect(minorDigits("JPY")).toBe(0);
    expect(formatMoney({ amount: 1999, currency: "JPY" }, "en-US")).toBe("¥1,999");
    expect(formatMoney({ amount: 1999, currency: "KWD" }, "en-US")).toBe("KWD\u00a01.999");
  });

  it("loses no cent on the way to text and back, for any amount", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), fc.constantFrom(0, 2, 3), (amount, digits) => {
        expect(Number(decimalText(amount, digits).replace(".", "")) + 0).toBe(amount + 0);
      }),
      { numRuns: 300 },
    );
  });

  it("adds one currency and refuses two", () => {
    expect(addMoney({ amount: 1, currency: "USD" }, { amount: 2, currency: "USD" })).toEqual({ amount: 3, currency: "USD" });
    expect(() => addMoney({ amount: 1, currency: "USD" }, { amount: 2, currency: "EUR" })).toThrow("cannot add USD and EUR");
  });
});
