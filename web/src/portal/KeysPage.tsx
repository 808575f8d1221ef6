import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";
import { ApiProblem } from "../api/problem";
import type { NewPartnerKey, Partner, PartnerKey, PartnerScope, PartnerWorld } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { KeyTable } from "../partners/KeyTable";
import { SCOPE_WORDS, WORLD_WORDS } from "../partners/partner-words";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useSay } from "../ui/notices";
import { Ask } from "./Ask";
import { OtherKey } from "./OtherKey";
import { partnerQuery, usePartnerApi } from "./portal-tools";
import { ShownOnce } from "./ShownOnce";
import "./portal.css";

const SCOPES: readonly PartnerScope[] = ["feeds", "stock", "account"];
const SCOPE_NOTES: Record<PartnerScope, string> = { feeds: "Send feeds and read their reports", stock: "State what is on hand", account: "Look after keys" };
const DAYS = [30, 90, 180, 365] as const;

/** The partner's keys: which there are, one more, one less. */
export function KeysPage() {
  const partner = useQuery(partnerQuery(usePartnerApi()));
  useTitle("Keys");
  if (!partner.data && partner.error instanceof ApiProblem && partner.error.status === 403) return <OtherKey words={partner.error.message} />;
  return (
    <div className="page desk-page">
      <h1>Keys</h1>
      {partner.isError ? <ErrorNotice title="The keys did not load" error={partner.error} onRetry={() => void partner.refetch()} /> : null}
      {partner.isPending ? <p className="soft" role="status">Fetching the keys</p> : null}
      {partner.data ? (
        <>
          <KeyTable keys={partner.data.keys} action={(key) => (key.revoked_at === null ? <Revoke held={key} last={isLast(key, partner.data.keys)} /> : null)} />
          <Issue partner={partner.data} />
        </>
      ) : null}
    </div>
  );
}

/** True when no other key counts. */
function isLast(key: PartnerKey, keys: readonly PartnerKey[]): boolean {
  return key.counts && keys.every((one) => one.id === key.id || !one.counts);
}

/** Asks once whether a key shall really be taken back, and does it. */
function Revoke({ held, last }: { readonly held: PartnerKey; readonly last: boolean }) {
  const api = usePartnerApi();
  const client = useQueryClient();
  const say = useSay();
  const [open, setOpen] = useState(false);
  const revoke = useMutation({
    mutationFn: () => api.revokeKey(held.id),
    onSuccess: () => {
      setOpen(false);
      say("The key counts no more.");
      void client.invalidateQueries({ queryKey: ["portal", "me"] });
    },
  });
  return (
    <>
      <button type="button" className="button button-quiet" aria-haspopup="dialog" aria-label={`Revoke the key ${held.id}`} onClick={() => setOpen(true)}>
        Revoke
      </button>
      <Ask title="Revoke this key?" yes={revoke.isPending ? "Revoking" : "Revoke the key"} no="Keep it" open={open} deed={revoke} onClose={() => setOpen(false)}>
        <p>
          <code className="desk-code">{held.id}</code>
        </p>
        <p>It counts no more from this moment on, and cannot be brought back. Whatever still uses it is turned away. If you are signed in with it, you are signed out.</p>
        {last ? <p className="notice">This is your last key. Without one you cannot sign in here any more.</p> : null}
      </Ask>
    </>
  );
}

/** Gets one more key, and shows it this once: until it is kept nobody can ask for another, which would take its place. */
function Issue({ partner }: { readonly partner: Partner }) {
  const api = usePartnerApi();
  const client = useQueryClient();
  const [world, setWorld] = useState<PartnerWorld>("sandbox");
  const [scopes, setScopes] = useState<readonly PartnerScope[]>(SCOPES);
  const [days, setDays] = useState<number>(90);
  const [none, setNone] = useState(false);
  const [fresh, setFresh] = useState<NewPartnerKey | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const key = useRef<string | null>(null);
  const issue = useMutation({
    mutationFn: () => {
      key.current ??= crypto.randomUUID();
      return api.issueKey({ world, scopes: [...scopes], expires_in_days: days }, key.current);
    },
    onSuccess: (made) => {
      key.current = null;
      setFresh(made);
      void client.invalidateQueries({ queryKey: ["portal", "me"] });
    },
    onError: (error) => {
      if (!(error instanceof ApiProblem && error.undecided)) key.current = null;
    },
  });
  /** Another request needs another idempotency key. */
  const anew = () => {
    key.current = null;
    setNone(false);
  };
  const toggle = (scope: PartnerScope) => {
    anew();
    setScopes(SCOPES.filter((one) => (one === scope ? !scopes.includes(one) : scopes.includes(one))));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (issue.isPending) return;
    setNone(scopes.length === 0);
    if (scopes.length > 0) issue.mutate();
  };
  const forget = () => {
    setFresh(null);
    heading.current?.focus();
  };
  return (
    <section aria-labelledby="issue">
      <h2 id="issue" ref={heading} tabIndex={-1}>
        Get one more key
      </h2>
      <p className="soft">Two keys of each world count at a time: the old one and the new one while you change over.</p>
      {fresh ? (
        <ShownOnce label="Your new key" text={fresh.key} onKept={forget} />
      ) : (
        <form className="desk-form keys-form" method="post" onSubmit={submit}>
          <fieldset className="keys-choices">
            <legend className="field-label">World</legend>
            {(["sandbox", "live"] as const).map((one) => (
              <label key={one} className="choice">
                <input type="radio" name="world" checked={world === one} disabled={one === "live" && partner.live_at === null} onChange={() => { anew(); setWorld(one); }} />
                <span className="choice-body">
                  <span className="choice-title">{WORLD_WORDS[one]}</span>
                  <span className="choice-note">{one === "sandbox" ? "Feeds are checked, nothing is stored" : partner.live_at === null ? "Comes when every step of the checklist is green" : "Feeds change the shop"}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <fieldset className="keys-choices" aria-describedby={none ? "scopes-error" : undefined}>
            <legend className="field-label">What it is for</legend>
            {SCOPES.map((scope) => (
              <label key={scope} className="choice">
                <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
                <span className="choice-body">
                  <span className="choice-title">{SCOPE_WORDS[scope]}</span>
                  <span className="choice-note">{SCOPE_NOTES[scope]}</span>
                </span>
              </label>
            ))}
          </fieldset>
          {none ? <p className="field-error" id="scopes-error" role="alert">A key is for something: choose at least one.</p> : null}
          <div className="field">
            <label className="field-label" htmlFor="key-days">
              How long it counts
            </label>
            <select id="key-days" className="input" value={days} onChange={(event) => { anew(); setDays(Number(event.target.value)); }}>
              {DAYS.map((count) => (
                <option key={count} value={count}>
                  {`${count} days`}
                </option>
              ))}
            </select>
          </div>
          {issue.isError ? <ErrorNotice title="No key was made" error={issue.error} /> : null}
          <button type="submit" className="button" aria-disabled={issue.isPending}>
            {issue.isPending ? "Making a key" : "Get a key"}
          </button>
        </form>
      )}
    </section>
  );
}
