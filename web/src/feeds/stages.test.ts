// @vitest-environment node
import { describe, expect, it } from "vitest";
import { aJob, NOTHING_COUNTED } from "../../test/partner";
import { countRows, faultOfMapping, mediaTypeOf } from "./feed-file";
import { askAfterMs, stagesOf, standing } from "./stages";

const shares = (...asked: Parameters<typeof stagesOf>) => stagesOf(...asked).map((stage) => stage.share);
const reading = (part: Parameters<typeof aJob>[0] = {}) => aJob({ state: "reading", counts: { seen: 50, accepted: 40, changed: 4, rejected: 10, merged: 0 }, ...part });

describe("the stages of a feed", () => {
  it("are shares of the rows that its sender counted", () => {
    expect(shares(reading({ world: "live" }), 100)).toEqual([1, 0.5, 0.5, 0.5]);
  });

  it("are unknown while it is read where nobody counted", () => {
    expect(shares(reading({ world: "live" }), null)).toEqual([1, null, null, null]);
  });

  it("never run over when more rows come than were counted", () => {
    expect(shares(reading(), 10).slice(0, 2)).toEqual([1, 1]);
  });

  it("store nothing before all is checked, where all or nothing was wished, and nothing in the sandbox", () => {
    expect(shares(reading({ world: "live", all_or_nothing: true }), 100)[3]).toBe(0);
    expect(stagesOf(reading({ world: "live", all_or_nothing: true }), 100)[3]!.words).toBe("When every row is right");
    expect(stagesOf(reading(), 100)[3]).toMatchObject({ share: 0, words: "Nothing in the sandbox" });
    expect(stagesOf(aJob({ world: "live" }), null)[3]).toMatchObject({ share: 1, words: "2 changed" });
  });

  it("stop where a feed was refused, and are all done where it is done, also when it is empty", () => {
    expect(shares(aJob({ state: "refused", counts: NOTHING_COUNTED }), null)).toEqual([1, 0, 0, 0]);
    expect(shares(aJob({ counts: NOTHING_COUNTED }), null)).toEqual([1, 1, 1, 1]);
  });

  it("were read to the end where the wrong rows of all or nothing are the refusal", () => {
    const refusal = { rule: "all_or_nothing", detail: "1 row is wrong.", hint: "Mend it." };
    expect(shares(aJob({ state: "refused", all_or_nothing: true, world: "live", refusal }), null)).toEqual([1, 1, 1, 0]);
  });

  it("are told in one sentence", () => {
    expect(standing(aJob({ counts: { ...NOTHING_COUNTED, seen: 3, accepted: 3 } }))).toBe("Done. All 3 rows are right.");
    expect(standing(aJob({ counts: { ...NOTHING_COUNTED, seen: 1, accepted: 1 } }))).toBe("Done. The one row is right.");
    expect(standing(aJob({ counts: NOTHING_COUNTED }))).toBe("Done. The feed has no rows.");
    expect([standing(aJob({ state: "refused" })), standing(aJob({ state: "failed" }))]).toEqual(["Refused. The feed could not be taken.", "It failed on our side. Read it again, or ask us."]);
  });

  it("are asked for each second, and less often where it lasts, within the limit of a key", () => {
    expect([askAfterMs(0), askAfterMs(19_999), askAfterMs(20_000)]).toEqual([1_000, 1_000, 2_500]);
  });
});

describe("a feed's file", () => {
  it.each([
    ["teas.CSV", "text/csv"],
    ["teas.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ["teas.csv.gz", "application/gzip"],
    ["teas", "application/octet-stream"],
    ["teas.numbers", "application/octet-stream"],
  ])("named %s is sent as %s", (name, type) => {
    expect(mediaTypeOf(name)).toBe(type);
  });

  it("has its rows counted where it has lines, without its head and its empty lines", () => {
    const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;
    expect(countRows("a.csv", bytes("sku\r\n1\r\n\r\n2"))).toBe(2);
    expect(countRows("a.ndjson", bytes("{}\n{}\n"))).toBe(2);
    expect(countRows("a.csv", bytes(""))).toBe(0);
    expect(countRows("a.xml", bytes("<a/>\n<b/>"))).toBeNull();
  });

  it("may have a mapping that is a JSON object, and no other", () => {
    expect([faultOfMapping(" "), faultOfMapping('{"a":"b"}')]).toEqual([null, null]);
    expect(faultOfMapping("{a")).toMatch(/^This is not JSON yet: /);
    expect(faultOfMapping("7")).toMatch(/is a JSON object/);
    expect(faultOfMapping("x".repeat(8_193))).toBe("A mapping has at most 8192 characters, and this one has 8193.");
  });
});
