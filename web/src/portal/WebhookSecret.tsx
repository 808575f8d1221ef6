import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiProblem } from "../api/problem";
import type { NewWebhookSecret, Webhook } from "../api/shapes";
import { momentWords } from "../desk/words";
import { Ask } from "./Ask";
import { usePartnerApi } from "./portal-tools";
import { ShownOnce } from "./ShownOnce";

/** The secret that signs webhooks both ways: to be had anew, and shown this once. */
export function WebhookSecret({ webhook }: { readonly webhook: Webhook }) {
  const api = usePartnerApi();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [fresh, setFresh] = useState<NewWebhookSecret | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const key = useRef<string | null>(null);
  const rotate = useMutation({
    mutationFn: () => {
      key.current ??= crypto.randomUUID();
      return api.rotateSecret(key.current);
    },
    onSuccess: (made) => {
      key.current = null;
      setFresh(made);
      setOpen(false);
      void client.invalidateQueries({ queryKey: ["portal", "me"] });
    },
    onError: (error) => {
      if (!(error instanceof ApiProblem && error.undecided)) key.current = null;
    },
  });
  const oldUntil = webhook.old_secret_until;
  const forget = () => {
    setFresh(null);
    heading.current?.focus();
  };
  return (
    <section aria-labelledby="secret">
      <h2 id="secret" ref={heading} tabIndex={-1}>
        Secret
      </h2>
      <p>One secret signs webhooks both ways: those that we send you, and the stock webhooks that you send us.</p>
      {/* Before what it leads to, so that it is closed when that takes the focus. */}
      <Ask title="Get a new secret?" yes={rotate.isPending ? "Making a secret" : "Get a new secret"} no="Keep the one you have" open={open} deed={rotate} onClose={() => setOpen(false)}>
        <p>The one you have counts for a day longer, so that you can change over. Until then we sign with both, and you may sign with either.</p>
        {oldUntil !== null && Date.parse(oldUntil) > Date.now() ? <p>The one before it counts no more from this moment on.</p> : null}
      </Ask>
      {fresh ? (
        <ShownOnce label="Your new webhook secret" text={fresh.webhook_secret} onKept={forget}>
          <p>{`The old one counts until ${momentWords(fresh.old_secret_until)}.`}</p>
        </ShownOnce>
      ) : (
        <p className="desk-actions">
          <button type="button" className="button button-quiet" aria-haspopup="dialog" onClick={() => setOpen(true)}>
            Get a new secret
          </button>
        </p>
      )}
      {!fresh && oldUntil !== null && Date.parse(oldUntil) > Date.now() ? <p className="notice">{`You have a new secret. The old one counts until ${momentWords(oldUntil)}.`}</p> : null}
    </section>
  );
}
