import type { Shop } from "../api/client";
import { ApiProblem, unreachable } from "../api/problem";
import type { Order } from "../api/shapes";
import { attemptFor, fingerprintOf, sessionStore, type AttemptStore } from "../checkout/attempt";
import type { CheckoutForm } from "../checkout/form";
import { keepsItsKey, purchaseOf, troubleOf, type Trouble, type Wanted } from "./buying";

/** What a try to buy came to. */
export type Outcome = { readonly order: Order; readonly trouble?: never } | { readonly order?: never; readonly trouble: Trouble };

/** Where the attempt to buy that item waits for its outcome. */
export function storeFor({ sale, sku }: Wanted): AttemptStore {
  return sessionStore(`sale.${sale}.${sku}`);
}

/** Buys once. The attempt keeps its idempotency key until its outcome is known, also over a reload, so that asking again never buys twice. */
export async function attemptPurchase(shop: Pick<Shop, "flashCheckout">, details: CheckoutForm, wanted: Wanted, store: AttemptStore): Promise<Outcome> {
  const purchase = purchaseOf(details, wanted);
  const attempt = attemptFor(store, await fingerprintOf(purchase), "", () => crypto.randomUUID());
  try {
    const order = await shop.flashCheckout(purchase, attempt.key);
    store.clear();
    return { order };
  } catch (error) {
    const trouble = troubleOf(error instanceof ApiProblem ? error : unreachable());
    if (!keepsItsKey(trouble)) store.clear();
    return { trouble };
  }
}
