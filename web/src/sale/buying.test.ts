import { describe, expect, it } from "vitest";
import { ApiProblem, unreachable } from "../api/problem";
import { emptyForm } from "../checkout/form";
import { keepsItsKey, purchaseOf, troubleOf } from "./buying";

const kindOf = (status: number, document: Record<string, unknown>, retryAfter: number | null = null) => troubleOf(new ApiProblem(status, document, retryAfter)).kind;

describe("a purchase that did not end in an order", () => {
  it("is told by what the shopper can do next", () => {
    expect(kindOf(409, { code: "out_of_stock" })).toBe("gone");
    expect(kindOf(409, { code: "sale_over" })).toBe("over");
    expect(kindOf(409, { code: "sale_not_open" }, 90)).toBe("early");
    expect(kindOf(409, { code: "sale_limit_reached" })).toBe("limit");
    expect(kindOf(403, { code: "ticket_not_admitted" }, 5)).toBe("turn");
    expect(kindOf(403, { code: "ticket_refused" })).toBe("turn");
    expect(kindOf(402, { code: "payment_declined" })).toBe("declined");
    expect(kindOf(422, { code: "not_in_sale" })).toBe("refused");
    expect(kindOf(422, { errors: [{ pointer: "/address/city", detail: "Too long." }] })).toBe("faults");
  });

  it("keeps its key while it may still count, and only then", () => {
    const later = [new ApiProblem(429, { code: "rate_limited" }, 37), new ApiProblem(503, { code: "payments_unavailable" }, 20)];
    const unsure = [unreachable(), new ApiProblem(500, {}, null), new ApiProblem(503, { code: "unavailable" }, 1), new ApiProblem(409, { code: "request_in_flight" }, 1)];
    expect(later.map((problem) => troubleOf(problem).kind)).toEqual(["later", "later"]);
    expect(unsure.map((problem) => troubleOf(problem).kind)).toEqual(["unsure", "unsure", "unsure", "unsure"]);
    expect([...later, ...unsure].every((problem) => keepsItsKey(troubleOf(problem)))).toBe(true);
    expect(keepsItsKey(troubleOf(new ApiProblem(402, {}, null)))).toBe(false);
    expect(keepsItsKey(troubleOf(new ApiProblem(409, { code: "sale_not_open" }, 90)))).toBe(false);
  });
});

describe("what is sent", () => {
  it("is the wish and the details, trimmed, with the ticket where there is one", () => {
    const form = { ...emptyForm("DE"), email: " ada@example.com ", name: "Ada", line1: "Hauptstr. 1", city: "Berlin", postalCode: "10115", method: "card", kind: "token", token: "tok_approve" };
    const plain = purchaseOf(form, { sale: "s", sku: "TEA-1", quantity: 2 });
    expect(plain).toEqual({
      sale: "s", sku: "TEA-1", quantity: 2, email: "ada@example.com", payment: { method: "card", token: "tok_approve" },
      address: { name: "Ada", line1: "Hauptstr. 1", city: "Berlin", postal_code: "10115", country: "DE" },
    });
    expect(purchaseOf(form, { sale: "s", sku: "TEA-1", quantity: 2, ticket: "t" })).toEqual({ ...plain, ticket: "t" });
  });
});
