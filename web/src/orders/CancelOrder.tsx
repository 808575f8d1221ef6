import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiProblem } from "../api/problem";
import type { Order } from "../api/shapes";
import { useTools } from "../app/shop-context";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useSay } from "../ui/notices";
import { Sheet } from "../ui/Sheet";

/** Asks once whether the order shall really be cancelled, and does it. */
export default function CancelOrder({ order }: { readonly order: Order }) {
  const { shop } = useTools();
  const client = useQueryClient();
  const say = useSay();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const key = useRef<string | null>(null);
  const paid = order.payment?.state === "captured";

  const cancel = useMutation({
    mutationFn: () => {
      key.current ??= crypto.randomUUID();
      return shop.cancelOrder(order.id, reason.trim() || undefined, key.current);
    },
    onSuccess: (after) => {
      client.setQueryData(["order", order.id], after);
      void client.invalidateQueries({ queryKey: ["order", order.id] });
      void client.invalidateQueries({ queryKey: ["orders"] });
      setOpen(false);
      say(paid ? "The order is cancelled. Your money is on its way back." : "The order is cancelled.");
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.undecided) return;
      key.current = null;
      void client.invalidateQueries({ queryKey: ["order", order.id] });
    },
  });

  return (
    <section aria-label="Cancel">
      <button type="button" className="button button-quiet" onClick={() => setOpen(true)} aria-haspopup="dialog">
        Cancel this order
      </button>
      <Sheet
        title="Cancel this order?"
        side="centre"
        open={open}
        onClose={() => setOpen(false)}
        foot={
          <>
            <button type="button" className="button button-wide" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
              {cancel.isPending ? "Cancelling" : "Cancel the order"}
            </button>
            <button type="button" className="button button-quiet button-wide" onClick={() => setOpen(false)}>
              Keep it
            </button>
          </>
        }
      >
        <div className="cancel-body">
          <p>{paid ? "We send the whole sum back the way you paid. That can take a few days." : "Nothing was charged, and nothing will be."}</p>
          <label className="field">
            <span className="field-label">
              Why <span className="field-optional">(optional)</span>
            </span>
            <input className="input" maxLength={255} value={reason} onChange={(event) => setReason(event.target.value)} />
          </label>
          {cancel.isError ? <ErrorNotice error={cancel.error} /> : null}
        </div>
      </Sheet>
    </section>
  );
}
