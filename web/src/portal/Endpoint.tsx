import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { ApiProblem } from "../api/problem";
import type { Webhook } from "../api/shapes";
import { DeskField } from "../desk/Field";
import { countWords, momentWords } from "../desk/words";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useSay } from "../ui/notices";
import { Ask } from "./Ask";
import { partnerQuery, usePartnerApi } from "./portal-tools";

const FIELD = "webhook-url";
const LONGEST = 2_048;

type OnSet = (setAt: string | null) => void;

/** Tells the pages that know the partner where its events go from now on, and `onSet` since when. */
function useHeard(onSet: OnSet) {
  const { queryKey } = partnerQuery(usePartnerApi());
  const client = useQueryClient();
  return (webhook: Partial<Webhook>) => {
    client.setQueryData(queryKey, (partner) => partner && { ...partner, webhook: { ...partner.webhook, ...webhook } });
    onSet(webhook.set_at ?? null);
  };
}

function useSetEndpoint(onSet: OnSet, onDone: () => void) {
  const api = usePartnerApi();
  const heard = useHeard(onSet);
  return useMutation({
    mutationFn: (url: string) => api.setEndpoint(url),
    onSuccess: (webhook) => {
      heard(webhook);
      onDone();
    },
  });
}

/** Where a partner's events go: to be set, to be set again, to be removed. */
export function Endpoint({ webhook, onSet }: { readonly webhook: Webhook; readonly onSet: OnSet }) {
  const say = useSay();
  const heading = useRef<HTMLHeadingElement>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [empty, setEmpty] = useState(false);
  const set = useSetEndpoint(onSet, () => {
    setTyped(null);
    say("Events go there from now on. A test is on its way.");
  });
  const url = typed ?? webhook.url ?? "";
  const told = faultOfLength(url.trim()) ?? faultOfUrl(set.error);
  const change = (text: string) => {
    setEmpty(false);
    set.reset();
    setTyped(text);
  };
  // Buttons that are disabled would lose the focus of whoever pressed them by keyboard.
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (set.isPending) return;
    const wanted = url.trim();
    setEmpty(wanted === "");
    if (wanted === "" || faultOfLength(wanted) !== undefined) focusField();
    else set.mutate(wanted, { onError: (error) => (faultOfUrl(error) === undefined ? undefined : focusField()) });
  };
  const setAgain = () => {
    if (!set.isPending) set.mutate(webhook.url ?? "", { onSuccess: () => heading.current?.focus() });
  };
  const stopped = webhook.url !== null && webhook.disabled_at !== null;
  return (
    <section aria-labelledby="endpoint">
      <h2 id="endpoint" ref={heading} tabIndex={-1}>
        Endpoint
      </h2>
      <div role="status">
        <Standing webhook={webhook} />
      </div>
      {stopped ? (
        <p className="desk-actions">
          <button type="button" className="button" aria-disabled={set.isPending} onClick={setAgain}>
            Set it again
          </button>
        </p>
      ) : null}
      <form className="desk-form webhooks-form" method="post" noValidate onSubmit={submit}>
        <DeskField
          id={FIELD}
          label="Address"
          hint="An https address on the open web. Setting it sends a test there at once; set the same one again for another."
          type="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={url}
          error={empty ? "Enter an address, such as https://hooks.acme.example/russet." : told}
          onText={change}
        />
        {set.isError && told === undefined ? <ErrorNotice title="The endpoint was not set" error={set.error} /> : null}
        <div className="desk-actions">
          <button type="submit" className={stopped ? "button button-quiet" : "button"} aria-disabled={set.isPending}>
            {set.isPending ? "Setting it" : "Set the endpoint"}
          </button>
          <Remove url={webhook.url} onSet={onSet} onRemoved={() => setTyped(null)} onClosed={() => heading.current?.focus()} />
        </div>
      </form>
    </section>
  );
}

/** Where events go, or why they go nowhere. */
function Standing({ webhook: { url, set_at, disabled_at, disabled_for } }: { readonly webhook: Webhook }) {
  if (url === null) return <p>Events go nowhere. Say where, and we tell you there.</p>;
  const address = <code className="desk-code">{url}</code>;
  if (disabled_at !== null) {
    return (
      <div className="notice notice-danger">
        <p className="notice-title">{disabled_for === "gone" ? "Your endpoint answered 410 Gone, so we stopped. Set it again to go on." : "We stopped sending to your endpoint. Set it again to go on."}</p>
        <p>{address}</p>
        <p className="small">{`Stopped ${momentWords(disabled_at)}. Until you set it again, what waits is cancelled when its turn comes, and what happens is not told later.`}</p>
      </div>
    );
  }
  return (
    <p>
      {"Events go to "}
      {address}
      {set_at ? <span className="soft">{`, set ${momentWords(set_at)}`}</span> : null}.
    </p>
  );
}

/** Asks once whether events shall really go nowhere, and sees to it. The button goes with the endpoint, so `onClosed` finds the focus another place. */
function Remove({ url, onSet, onRemoved, onClosed }: { readonly url: string | null; readonly onSet: OnSet; readonly onRemoved: () => void; readonly onClosed: () => void }) {
  const say = useSay();
  const [open, setOpen] = useState(false);
  const [removed, setRemoved] = useState(false);
  const api = usePartnerApi();
  const heard = useHeard(onSet);
  const putBack = useSetEndpoint(onSet, () => say("Events go there again. A test is on its way."));
  const remove = useMutation({
    mutationFn: () => api.removeEndpoint(),
    onSuccess: () => {
      heard({ url: null, set_at: null, disabled_at: null, disabled_for: null });
      setOpen(false);
      setRemoved(true);
      onRemoved();
      say("Events go nowhere from now on.", url === null ? undefined : { label: "Set it again", run: () => putBack.mutate(url) });
    },
  });
  useEffect(() => {
    if (!removed || open) return;
    setRemoved(false);
    onClosed();
  }, [removed, open, onClosed]);
  return (
    <>
      {url === null ? null : (
        <button type="button" className="button button-quiet" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          Remove the endpoint
        </button>
      )}
      <Ask title="Remove the endpoint?" yes={remove.isPending ? "Removing" : "Remove it"} no="Keep it" open={open} deed={remove} onClose={() => setOpen(false)}>
        <p>
          <code className="desk-code">{url}</code>
        </p>
        <p>Events go nowhere from this moment on, and what happens until you set an endpoint again is not told later. What still waits to be sent is cancelled when its turn comes.</p>
      </Ask>
    </>
  );
}

/** An address that is too long is said to be so; were it cut, another one would be set. */
function faultOfLength(url: string): string | undefined {
  return url.length > LONGEST ? `An address has at most ${countWords(LONGEST)} characters, and this one has ${countWords(url.length)}.` : undefined;
}

/** What the shop itself finds wrong with the address. */
function faultOfUrl(error: unknown): string | undefined {
  return error instanceof ApiProblem ? error.faults.find((fault) => fault.pointer === "/url")?.detail : undefined;
}

function focusField(): void {
  document.getElementById(FIELD)?.focus();
}
