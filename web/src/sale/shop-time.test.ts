import { describe, expect, it, vi } from "vitest";
import { ShopTime, timeOfAnswer } from "./shop-time";

describe("the shop's time", () => {
  it("goes on from what was heard, whatever the device's clock says", () => {
    let monotonic = 5_000;
    const time = new ShopTime(() => monotonic);
    expect(time.now()).toBeNull();
    vi.spyOn(Date, "now").mockReturnValue(0);
    time.hear(1_000_000);
    monotonic += 2_500;
    expect(time.now()).toBe(1_002_500);
  });

  it("is not set back by an answer that waited in a cache", () => {
    let monotonic = 0;
    const time = new ShopTime(() => monotonic);
    const told = vi.fn();
    time.subscribe(told);
    time.hear(1_000_000);
    monotonic = 10_000;
    time.hear(1_004_000);
    expect(time.now()).toBe(1_010_000);
    time.hear(1_020_000);
    time.hear(Number.NaN);
    expect(time.now()).toBe(1_020_000);
    expect(told).toHaveBeenCalledTimes(2);
  });

  it("is read from an answer's body, or from its headers where they are later", () => {
    const body = "2026-11-27T10:00:00.250Z";
    const at = Date.parse(body);
    expect(timeOfAnswer(body, new Headers())).toBe(at);
    expect(timeOfAnswer(body, new Headers({ Date: "Fri, 27 Nov 2026 10:00:20 GMT", Age: "3" }))).toBe(Date.parse("2026-11-27T10:00:23Z"));
    expect(timeOfAnswer(body, new Headers({ Date: "Fri, 27 Nov 2026 09:00:00 GMT", Age: "nonsense" }))).toBe(at);
    expect(Number.isFinite(timeOfAnswer("nonsense", new Headers()))).toBe(false);
  });
});
