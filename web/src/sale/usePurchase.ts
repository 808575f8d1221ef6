import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { unreachable } from "../api/problem";
import { useTools } from "../app/shop-context";
import type { AttemptStore } from "../checkout/attempt";
import type { CheckoutForm } from "../checkout/form";
import type { Outcome } from "./attempt-purchase";
import type { Trouble, Wanted } from "./buying";
import { load } from "./later-parts";
import { salesQuery } from "./sales";

/** How buying one item of a sale stands, and what can be done about it. */
export interface Purchase {
  readonly busy: boolean;
  readonly trouble: Trouble | null;
  /** Buys with these details. */
  readonly buy: (details: CheckoutForm) => void;
  /** Sends what was sent last once more; the shop sees that it is the same. */
  readonly again: () => void;
  /** Puts away what went wrong. */
  readonly dismiss: () => void;
}

/** From the tap to the order's page in one request. */
export function usePurchase(wanted: Wanted, onBought?: () => void): Purchase {
  const tools = useTools();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const store = useRef<AttemptStore | null>(null);

  const send = useMutation({
    mutationFn: async (details: CheckoutForm): Promise<Outcome> => {
      const { attemptPurchase, storeFor } = await load.purchase();
      store.current ??= storeFor(wanted);
      return attemptPurchase(tools.shop, details, wanted, store.current);
    },
    onMutate: () => setTrouble(null),
    onSuccess: ({ order, trouble: met }) => {
      if (met) {
        if (met.kind === "gone" || met.kind === "over") void client.invalidateQueries(salesQuery(tools));
        return setTrouble(met);
      }
      onBought?.();
      // Shown at once, and read again: the answer to a purchase is the same for every repeat, so it holds nothing sealed to this page.
      client.setQueryData(["order", order.id], order, { updatedAt: 1 });
      void client.invalidateQueries({ queryKey: ["orders"] });
      void client.invalidateQueries(salesQuery(tools));
      navigate(`/shop/orders/${order.id}`, { state: { placed: true } });
      return undefined;
    },
    // The part of the page that buys did not come: then nothing was sent, but an earlier try may be open.
    onError: () => setTrouble({ kind: "unsure", problem: unreachable() }),
  });

  const { mutate, variables } = send;
  return {
    busy: send.isPending,
    trouble,
    buy: (details) => mutate(details),
    again: () => {
      if (variables) mutate(variables);
    },
    dismiss: () => setTrouble(null),
  };
}
