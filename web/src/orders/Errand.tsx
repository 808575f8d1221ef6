import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { Order } from "../api/shapes";
import { useTools } from "../app/shop-context";
import { attemptFor, fingerprintOf, sessionStore } from "../checkout/attempt";
import { ErrorNotice } from "../ui/ErrorNotice";

/** What the shopper has to do before their payment can be taken: approve it at the provider's, or send it from their own wallet. */
export default function Errand({ order }: { readonly order: Order }) {
  const action = order.payment?.action;
  if (!action) return null;
  return action.type === "redirect" ? <Approval order={order} url={action.url ?? ""} /> : <Transfer action={action} />;
}

/** The way to the provider's page, and the return from it: coming back asks once whether it was approved, and then it is taken. */
function Approval({ order, url }: { readonly order: Order; readonly url: string }) {
  const { shop } = useTools();
  const client = useQueryClient();
  const [query, setQuery] = useSearchParams();
  const store = useMemo(() => sessionStore(`${order.id}.return`), [order.id]);
  const method = order.payment?.method ?? "";
  const back = query.has("back");
  const finish = useMutation({
    mutationFn: async () => {
      const attempt = attemptFor(store, await fingerprintOf([order.id, method, order.version]), "", () => crypto.randomUUID());
      return shop.payOrder(order.id, { method }, attempt.key);
    },
    onSuccess: (after) => client.setQueryData(["order", order.id], after, { updatedAt: 1 }),
    onSettled: () => {
      store.clear();
      setQuery({}, { replace: true });
      void client.invalidateQueries({ queryKey: ["order", order.id] });
    },
  });
  const asked = useRef(false);
  useEffect(() => {
    if (!back || asked.current) return;
    asked.current = true;
    finish.mutate();
  }, [back, finish]);

  if (finish.isPending || back) return <p role="status">Asking whether you approved the payment</p>;
  return (
    <div className="errand">
      {finish.isError ? <ErrorNotice error={finish.error} /> : null}
      {finish.isSuccess ? <p>The payment is not approved yet. You can go on with it, or choose another way to pay below.</p> : null}
      <a className="button button-large" href={url}>
        Approve the payment
      </a>
    </div>
  );
}

interface TransferAction {
  readonly address?: string;
  readonly amount?: string;
  readonly expires_at?: string;
}

/** Where to send how much, and for how long that stands. The page looks by itself whether it has arrived. */
function Transfer({ action }: { readonly action: TransferAction }) {
  const { config } = useTools();
  const left = useSecondsUntil(action.expires_at ?? "");
  const address = action.address ?? "";
  return (
    <section className="errand" aria-labelledby="errand">
      <h2 id="errand">Send the exact amount</h2>
      <Copied label="Amount" text={action.amount ?? ""} />
      <Copied label="Address" text={address} />
      <p className="small">
        {left > 0 ? `This amount stands for ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} more.` : "The time for this amount is over. Please do not send it any more."}
      </p>
      <p className="small soft">We see it by ourselves when it has arrived. Less than the amount goes back to you.</p>
      {config.environment === "production" ? null : (
        <p className="sandbox">
          <a href={`/_sandbox/payments/crypto/address/${address}`} target="_blank" rel="noreferrer">
            Pay it in the sandbox
          </a>
        </p>
      )}
    </section>
  );
}

function Copied({ label, text }: { readonly label: string; readonly text: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
  };
  return (
    <p className="errand-line">
      <span className="small soft">{label}</span> <code>{text}</code>{" "}
      <button type="button" className="button button-plain" onClick={() => void copy()}>
        {done ? "Copied" : `Copy the ${label.toLowerCase()}`}
      </button>
    </p>
  );
}

/** Whole seconds until a moment, told anew each second; not announced, or a screen reader would speak all the time. */
function useSecondsUntil(moment: string): number {
  const seconds = () => Math.max(0, Math.ceil((Date.parse(moment) - Date.now()) / 1000));
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const timer = setInterval(() => setLeft(seconds()), 1000);
    return () => clearInterval(timer);
  });
  return left;
}
