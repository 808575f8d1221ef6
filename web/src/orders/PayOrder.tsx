import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState, type FormEvent } from "react";
import { ApiProblem } from "../api/problem";
import type { Order } from "../api/shapes";
import { useTools } from "../app/shop-context";
import { attemptFor, fingerprintOf, sessionStore } from "../checkout/attempt";
import { NOTHING_CHOSEN, paymentFaults, paymentOf, type FormFault, type PaymentChosen } from "../checkout/form";
import PaymentChoice from "../checkout/PaymentChoice";
import { formatMoney } from "../money/money";
import { ErrorNotice } from "../ui/ErrorNotice";
import "../checkout/checkout.css";

/** Pays an order that waits for its payment. One attempt keeps its idempotency key until its outcome is known. */
export default function PayOrder({ order }: { readonly order: Order }) {
  const { shop } = useTools();
  const client = useQueryClient();
  const store = useMemo(() => sessionStore(order.id), [order.id]);
  const [chosen, setChosen] = useState<PaymentChosen>(NOTHING_CHOSEN);
  const [faults, setFaults] = useState<readonly FormFault[]>([]);

  const pay = useMutation({
    mutationFn: async () => {
      const attempt = attemptFor(store, await fingerprintOf([order.id, chosen]), "", () => crypto.randomUUID());
      return shop.payOrder(order.id, paymentOf(chosen), attempt.key);
    },
    onSuccess: (after) => {
      store.clear();
      client.setQueryData(["order", order.id], after);
      void client.invalidateQueries({ queryKey: ["order", order.id] });
    },
    onError: (error) => {
      if (error instanceof ApiProblem && (error.undecided || error.status === 429)) return;
      store.clear();
      void client.invalidateQueries({ queryKey: ["order", order.id] });
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = paymentFaults(chosen);
    setFaults(found);
    if (found.length === 0) pay.mutate();
  };

  return (
    <form className="pay-order" onSubmit={submit} noValidate>
      <fieldset disabled={pay.isPending} className="choices">
        <PaymentChoice chosen={chosen} faults={faults} onChoose={setChosen} />
      </fieldset>
      {pay.isError ? <ErrorNotice error={pay.error} /> : null}
      <button type="submit" className="button button-large" disabled={pay.isPending}>
        {pay.isPending ? "Paying" : `Pay ${formatMoney(order.total)}`}
      </button>
    </form>
  );
}
