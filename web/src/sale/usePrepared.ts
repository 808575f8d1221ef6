import { useSyncExternalStore } from "react";
import { useTools } from "../app/shop-context";
import type { CheckoutForm } from "../checkout/form";

/** What the shopper prepared in this session; `null` while nothing is, or once it was forgotten. */
export function usePrepared(): CheckoutForm | null {
  const { prepared } = useTools();
  return useSyncExternalStore(prepared.subscribe, prepared.read);
}
