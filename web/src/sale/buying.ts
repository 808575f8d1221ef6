import type { ApiProblem } from "../api/problem";
import type { FlashCheckout } from "../api/shapes";
import { addressOf, faultsOf, paymentOf, type CheckoutForm, type FormFault } from "../checkout/form";

/** What is bought of a sale, and with which place in its line. */
export interface Wanted {
  readonly sale: string;
  readonly sku: string;
  readonly quantity: number;
  readonly ticket?: string | undefined;
}

/** The purchase to send. The same details and wish always give the same bytes, so that a repeat is seen as one. */
export function purchaseOf(form: CheckoutForm, { sale, sku, quantity, ticket }: Wanted): FlashCheckout {
  return { sale, sku, quantity, email: form.email.trim(), address: addressOf(form), payment: paymentOf(form), ...(ticket === undefined ? {} : { ticket }) };
}

/** What became of a purchase that did not end in an order, by what the shopper can do next. */
export type Trouble =
  /** The details need mending. */
  | { readonly kind: "faults"; readonly faults: readonly FormFault[] }
  /** The payment was declined: another way to pay may work. */
  | { readonly kind: "declined"; readonly problem: ApiProblem }
  /** Nothing is left of it. */
  | { readonly kind: "gone"; readonly problem: ApiProblem }
  /** The sale has ended. */
  | { readonly kind: "over"; readonly problem: ApiProblem }
  /** The sale has not begun. */
  | { readonly kind: "early"; readonly problem: ApiProblem }
  /** The shopper has as many as one may. */
  | { readonly kind: "limit"; readonly problem: ApiProblem }
  /** It is not this shopper's turn in the line. */
  | { readonly kind: "turn"; readonly problem: ApiProblem }
  /** Nothing was begun; the same purchase may be sent again after a while. */
  | { readonly kind: "later"; readonly problem: ApiProblem }
  /** Nobody can say yet what became of it; sending the same again is safe. */
  | { readonly kind: "unsure"; readonly problem: ApiProblem }
  /** Refused for another reason. */
  | { readonly kind: "refused"; readonly problem: ApiProblem };

const KIND_OF_CODE: Readonly<Record<string, "gone" | "over" | "early" | "limit" | "turn">> = {
  out_of_stock: "gone",
  sale_over: "over",
  sale_not_open: "early",
  sale_limit_reached: "limit",
  ticket_needed: "turn",
  ticket_not_admitted: "turn",
  ticket_refused: "turn",
};

export function troubleOf(problem: ApiProblem): Trouble {
  if (problem.untouched) return { kind: "later", problem };
  if (problem.undecided) return { kind: "unsure", problem };
  const kind = KIND_OF_CODE[problem.code];
  if (kind !== undefined) return { kind, problem };
  if (problem.status === 402) return { kind: "declined", problem };
  const faults = faultsOf(problem);
  return faults.length > 0 ? { kind: "faults", faults } : { kind: "refused", problem };
}

/** True while the purchase may still be the one that counts, so that its key must stay the same. */
export function keepsItsKey(trouble: Trouble): boolean {
  return trouble.kind === "later" || trouble.kind === "unsure";
}
