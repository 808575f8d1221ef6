import { describe, expect, it } from "vitest";
import { aFlashItem, aFlashSale } from "../../test/flash";
import { inOrder, isGone, mostOf, nextTurn, percentOff, standingAt } from "./sale-state";
import { saleToShow } from "./sales";

const at = (time: string) => Date.parse(`2026-11-27T${time}Z`);
const sale = aFlashSale({ starts_at: "2026-11-27T10:00:00Z", ends_at: "2026-11-27T11:00:00Z" });

describe("where a sale stands", () => {
  it("follows its times, also when the listing is older than they are", () => {
    expect(standingAt({ ...sale, state: "upcoming" }, at("09:59:59.999"))).toBe("upcoming");
    expect(standingAt({ ...sale, state: "upcoming" }, at("10:00:00"))).toBe("open");
    expect(standingAt(sale, at("10:59:59.999"))).toBe("open");
    expect(standingAt(sale, at("11:00:00"))).toBe("over");
  });

  it("is over when the shop ended it before its time", () => {
    expect(standingAt({ ...sale, state: "over" }, at("10:30:00"))).toBe("over");
  });

  it("turns at its start and at its end, and then no more", () => {
    expect(nextTurn(sale, at("09:00:00"))).toBe(at("10:00:00"));
    expect(nextTurn(sale, at("10:30:00"))).toBe(at("11:00:00"));
    expect(nextTurn(sale, at("12:00:00"))).toBeNull();
  });

  it("puts what is open first, then what comes, then what is over", () => {
    const later = aFlashSale({ id: "later", starts_at: "2026-11-27T12:00:00Z", ends_at: "2026-11-27T13:00:00Z", state: "upcoming" });
    const past = aFlashSale({ id: "past", starts_at: "2026-11-27T07:00:00Z", ends_at: "2026-11-27T08:00:00Z", state: "over" });
    const longer = aFlashSale({ id: "longer", starts_at: "2026-11-27T10:00:00Z", ends_at: "2026-11-27T20:00:00Z" });
    expect(inOrder([past, later, longer, sale], at("10:30:00")).map(({ id }) => id)).toEqual([sale.id, "longer", "later", "past"]);
    expect(saleToShow([past, later, longer, sale])?.id).toBe(sale.id);
    expect(saleToShow([past, later])).toBeUndefined();
  });
});

describe("an item of a sale", () => {
  it("is gone when none is left", () => {
    expect(isGone(aFlashItem({ stock: { level: "low", remaining: 1 } }))).toBe(false);
    expect(isGone(aFlashItem({ stock: { level: "out", remaining: 0 } }))).toBe(true);
    expect(isGone(aFlashItem({ stock: { level: "low", remaining: 0 } }))).toBe(true);
  });

  it("can be taken up to the limit, and no more than there are", () => {
    expect(mostOf(aFlashSale({ limit_per_customer: 3 }), aFlashItem({ stock: { level: "in", remaining: 50 } }))).toBe(3);
    expect(mostOf(aFlashSale({ limit_per_customer: 3 }), aFlashItem({ stock: { level: "low", remaining: 2 } }))).toBe(2);
    expect(mostOf(aFlashSale({ limit_per_customer: 3 }), aFlashItem({ stock: { level: "out", remaining: 0 } }))).toBe(1);
  });

  it("never claims a greater reduction than there is", () => {
    const dollars = (amount: number) => ({ amount, currency: "USD" });
    expect(percentOff(aFlashItem({ price: dollars(1250), was_price: dollars(1800) }))).toBe(30);
    expect(percentOff(aFlashItem({ price: dollars(1800), was_price: dollars(1800) }))).toBe(0);
    expect(percentOff(aFlashItem({ price: dollars(1900), was_price: dollars(1800) }))).toBe(0);
  });
});
