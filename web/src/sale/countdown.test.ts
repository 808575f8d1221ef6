import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partsOf, secondsUntil, spokenTime, twoFigures, untilNextTick, waitWords } from "./countdown";

describe("a countdown", () => {
  it("counts a second that has begun, and never below nothing", () => {
    expect(secondsUntil(10_000, 9_999)).toBe(1);
    expect(secondsUntil(10_000, 9_000)).toBe(1);
    expect(secondsUntil(10_000, 8_999)).toBe(2);
    expect(secondsUntil(10_000, 10_000)).toBe(0);
    expect(secondsUntil(10_000, 99_000)).toBe(0);
  });

  it("ticks exactly when its figure changes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), (left) => {
        const wait = untilNextTick(left, 0);
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(1_000);
        expect(secondsUntil(left, wait)).toBe(secondsUntil(left, 0) - 1);
        if (wait > 1) expect(secondsUntil(left, wait - 1)).toBe(secondsUntil(left, 0));
      }),
    );
  });

  it("shows days, hours, minutes and seconds that add up to the whole", () => {
    fc.assert(
      fc.property(fc.nat(10 ** 7), (whole) => {
        const { days, hours, minutes, seconds } = partsOf(whole);
        expect(((days * 24 + hours) * 60 + minutes) * 60 + seconds).toBe(whole);
        expect([hours < 24, minutes < 60, seconds < 60]).toEqual([true, true, true]);
      }),
    );
    expect(twoFigures(7)).toBe("07");
    expect(twoFigures(113)).toBe("113");
  });
});

describe("a countdown that is listened to", () => {
  it("says something new every 15 seconds at most", () => {
    fc.assert(
      fc.property(fc.nat(200_000), (seconds) => {
        const heard = Array.from({ length: 15 }, (_, later) => spokenTime(seconds + later));
        expect(new Set(heard).size).toBeLessThanOrEqual(2);
      }),
    );
  });

  it("never says less than there is", () => {
    expect(spokenTime(44)).toBe("less than 45 seconds");
    expect(spokenTime(46)).toBe("less than 1 minute");
    expect(spokenTime(119)).toBe("less than 2 minutes");
    expect(spokenTime(3_500)).toBe("less than 1 hour");
    expect(spokenTime(5_000)).toBe("less than 1 hour and 30 minutes");
    expect(spokenTime(90_000)).toBe("less than 1 day and 1 hour");
    expect(spokenTime(0)).toBe("no time");
  });
});

describe("the words for a wait", () => {
  it("round up", () => {
    expect([null, 4, 11, 50, 51, 60, 61, 600, 3_000].map(waitWords)).toEqual([
      "we cannot say yet", "a few seconds", "about 20 seconds", "about 50 seconds", "about a minute", "about a minute", "about 2 minutes", "about 10 minutes", "about 50 minutes",
    ]);
    expect([3_600, 3_601, 7_200].map(waitWords)).toEqual(["about an hour", "about 1½ hours", "about 2 hours"]);
  });
});
