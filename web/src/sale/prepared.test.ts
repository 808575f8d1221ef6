import { describe, expect, it, vi } from "vitest";
import { emptyForm } from "../checkout/form";
import { IDLE_MS, SessionKey } from "../privacy/session-key";
import { Prepared } from "./prepared";

const details = { ...emptyForm("DE"), email: "ada@example.com" };

describe("what a shopper prepared", () => {
  it("is kept in memory only", async () => {
    const prepared = new Prepared(new SessionKey());
    const told = vi.fn();
    prepared.subscribe(told);
    await prepared.keep(details);
    expect(prepared.read()).toBe(details);
    expect(told).toHaveBeenCalledTimes(1);
    expect(JSON.stringify([{ ...localStorage }, { ...sessionStorage }])).not.toContain("ada");
    prepared.forget();
    expect(prepared.read()).toBeNull();
  });

  it("is forgotten with the session's key, after 15 idle minutes", async () => {
    let now = 1_000;
    const key = new SessionKey({ now: () => now, later: () => () => undefined });
    const prepared = new Prepared(key);
    await prepared.keep(details);
    now += IDLE_MS - 1;
    key.dropIfIdle();
    expect(prepared.read()).toBe(details);
    now += 1;
    key.dropIfIdle();
    expect(prepared.read()).toBeNull();
  });
});
