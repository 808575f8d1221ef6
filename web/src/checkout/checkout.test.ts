import { describe, expect, it } from "vitest";
import { aQuote } from "../../test/shop";
import { ApiProblem } from "../api/problem";
import { attemptFor, fingerprintOf, sessionStore } from "./attempt";
import { countryChoices, countryPhrase, homeCountry, postalCodeLabel, rememberCountry } from "./countries";
import { addressOf, emptyForm, faultsOf, orderOf, validate, type CheckoutForm } from "./form";
import { untilNext } from "./quote";
import { percent } from "./Totals";

const full: CheckoutForm = { email: " ada@example.com ", country: "DE", name: "Ada", line1: "Hauptstr. 1", line2: "", postalCode: "10115", city: "Berlin", region: "", phone: "", method: "card", kind: "token", token: "tok_approve" };

describe("the checkout form", () => {
  it("names everything that is missing, in the order of the page, in words that say what to do", () => {
    expect(validate(emptyForm("US")).map((fault) => fault.field)).toEqual(["email", "name", "line1", "city", "region", "postalCode", "method"]);
    expect(validate({ ...full, token: "" })).toEqual([{ field: "token", words: "Choose a card." }]);
    expect(validate(full)).toEqual([]);
    expect(validate({ ...full, method: "paypal", kind: "redirect", token: "" })).toEqual([]);
  });

  it.each(["ada", "ada@", "@example.com", "a b@example.com", "ada@example", "ada@example."])("refuses %s as an e-mail address", (email) => {
    expect(validate({ ...full, email })).toEqual([{ field: "email", words: "Enter an e-mail address like ada@example.com." }]);
  });

  it("sends what was filled in and leaves out what was not", () => {
    expect(addressOf({ ...full, line2: " ", phone: "+49 30" })).toEqual({ name: "Ada", line1: "Hauptstr. 1", city: "Berlin", postal_code: "10115", country: "DE", phone: "+49 30" });
    expect(orderOf(full, "signed")).toMatchObject({ quote: "signed", email: "ada@example.com", payment: { method: "card", token: "tok_approve" } });
    expect(orderOf({ ...full, method: "paypal", kind: "redirect" }, "signed").payment).toEqual({ method: "paypal" });
  });

  it("finds its own fields in the API's refusals", () => {
    const problem = new ApiProblem(422, { errors: [{ pointer: "/address/postal_code", detail: "Too short." }, { pointer: "/unknown", detail: "?" }] }, null);
    expect(faultsOf(problem)).toEqual([{ field: "postalCode", words: "Too short." }]);
  });
});

describe("an attempt to pay", () => {
  it("keeps its key and its quote for as long as it is the same attempt, also in a page that was loaded again", () => {
    let made = 0;
    const key = () => `key-${(made += 1)}`;
    const first = attemptFor(sessionStore("checkout"), "same", "quote-1", key);
    expect(attemptFor(sessionStore("checkout"), "same", "quote-2", key)).toEqual(first);
    expect(attemptFor(sessionStore("checkout"), "changed", "quote-2", key)).toEqual({ fingerprint: "changed", key: "key-2", quote: "quote-2" });
  });

  it("is renewed once its outcome is known", () => {
    const store = sessionStore("checkout");
    const first = attemptFor(store, "same", "q", () => "one");
    store.clear();
    expect(attemptFor(store, "same", "q", () => "two").key).not.toBe(first.key);
  });

  it("survives storage that is full of nonsense", () => {
    sessionStorage.setItem("russet.attempt.checkout", "{not json");
    expect(sessionStore("checkout").read()).toBeNull();
  });

  it("is told apart by everything that is bought and typed, and keeps none of it readable", async () => {
    const one = await fingerprintOf([orderOf(full, "")]);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprintOf([orderOf({ ...full, city: "Bonn" }, "")])).not.toBe(one);
    expect(await fingerprintOf([orderOf(full, "")])).toBe(one);
  });
});

describe("a quote", () => {
  it("is asked for again half a minute before it expires", () => {
    const now = Date.parse("2026-01-05T10:00:00.000Z");
    expect(untilNext(aQuote({ expires_at: "2026-01-05T10:15:00.000Z" }), now)).toBe(870_000);
    expect(untilNext(aQuote({ expires_at: "2026-01-05T09:00:00.000Z" }), now)).toBe(5_000);
    expect(untilNext(undefined, now)).toBe(false);
  });

  it("shows its tax rate as people write it", () => {
    expect([1900, 725, 0].map(percent)).toEqual(["19%", "7.25%", "0%"]);
  });
});

describe("countries", () => {
  it("are offered by name, and the shopper's own is remembered", () => {
    expect(countryChoices()[0]).toEqual({ code: "AU", name: "Australia" });
    rememberCountry("DE");
    expect(homeCountry()).toBe("DE");
    rememberCountry("ZZ");
    expect(homeCountry()).toBe("US");
    expect(countryPhrase("US")).toBe("the United States");
    expect(postalCodeLabel("US")).toBe("ZIP code");
  });
});
