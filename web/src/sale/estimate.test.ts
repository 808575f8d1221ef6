import { describe, expect, it } from "vitest";
import { aQuote, dollars } from "../../test/shop";
import { estimateOf } from "./estimate";

describe("about what a purchase comes to", () => {
  it("adds delivery and the tax on both", () => {
    const quote = aQuote({ tax_rate_basis_points: 1_900, free_shipping_from: dollars(6_000), shipping_options: [{ id: "standard", label: "Standard", price: dollars(790), days_min: 2, days_max: 4 }] });
    expect(estimateOf(dollars(2_800), quote)).toEqual({ total: dollars(4_272), shipping: dollars(790), taxBasisPoints: 1_900 });
  });

  it("delivers free from where the shop does", () => {
    expect(estimateOf(dollars(6_000), aQuote({ free_shipping_from: dollars(6_000) }))?.shipping).toEqual(dollars(0));
  });

  it("says nothing where delivery is free for the usual price only, or the money is another", () => {
    const free = aQuote({ free_shipping_from: dollars(6_000), shipping_options: [{ id: "standard", label: "Standard", price: dollars(0), days_min: 2, days_max: 4 }] });
    expect(estimateOf(dollars(5_000), free)).toBeNull();
    expect(estimateOf({ amount: 5_000, currency: "EUR" }, aQuote())).toBeNull();
    expect(estimateOf(dollars(5_000), aQuote({ shipping_options: [] }))).toBeNull();
  });
});
