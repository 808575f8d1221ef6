import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { Link, useNavigate } from "react-router";
import { onboardPartner } from "../api/partner";
import { ApiProblem } from "../api/problem";
import type { Onboarded, OnboardPartner } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { CopyLine } from "../desk/CopyLine";
import { DeskField } from "../desk/Field";
import { ErrorNotice } from "../ui/ErrorNotice";
import { faultsOf, faultsTold, JOIN_FIELDS, type JoinFaults, type JoinField } from "./joining";

const NOTHING: OnboardPartner = { handle: "", name: "", email: "" };

/** Makes a partner, and shows its key and its secret this once. */
export function JoinPage({ onSignIn }: { readonly onSignIn: (secret: string) => void }) {
  const { config } = useTools();
  useTitle("Become a partner");
  const [form, setForm] = useState(NOTHING);
  const [faults, setFaults] = useState<JoinFaults>({});
  const [tries, setTries] = useState(0);
  const key = useRef<string | null>(null);
  const join = useMutation({
    mutationFn: (body: OnboardPartner) => {
      key.current ??= crypto.randomUUID();
      return onboardPartner(config.apiUrl, body, key.current);
    },
    onError: (error) => {
      if (!(error instanceof ApiProblem)) return;
      if (!error.undecided) key.current = null;
      setFaults(faultsTold(error));
    },
  });
  const change = (part: Partial<OnboardPartner>) => {
    // Another request needs another key.
    key.current = null;
    setForm({ ...form, ...part });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = faultsOf(form);
    setFaults(found);
    setTries(tries + 1);
    if (Object.keys(found).length === 0) join.mutate(form);
  };

  if (join.data) return <Welcome onboarded={join.data} onSignIn={onSignIn} />;
  const refused = join.isError && Object.keys(faults).length === 0;
  return (
    <div className="page desk-narrow">
      <h1>Become a partner</h1>
      <p className="soft">You get a key of the sandbox at once. Feeds that you send with it are checked and reported on, and nothing is stored.</p>
      <form className="desk-form" method="post" noValidate onSubmit={submit}>
        <FaultList key={tries} faults={faults} />
        {refused ? <ErrorNotice error={join.error} /> : null}
        <DeskField id="join-handle" label="Handle" hint="Leads your SKUs in the shop, such as acme. It cannot be changed." autoComplete="off" autoCapitalize="none" spellCheck={false} maxLength={24} required value={form.handle} error={faults.handle} onText={(handle) => change({ handle: handle.trim() })} />
        <DeskField id="join-name" label="Company" autoComplete="organization" maxLength={128} required value={form.name} error={faults.name} onText={(name) => change({ name })} />
        <DeskField id="join-email" label="E-mail" hint="Where we write when a feed is done." type="email" autoComplete="email" maxLength={255} required value={form.email} error={faults.email} onText={(email) => change({ email: email.trim() })} />
        <button type="submit" className="button" disabled={join.isPending}>
          {join.isPending ? "Making your key" : "Get a key"}
        </button>
      </form>
      <p>
        {"You have a key? "}
        <Link to="/portal">Sign in</Link>
      </p>
    </div>
  );
}

/** What needs mending, with the way to each field; takes the focus when it comes. */
function FaultList({ faults }: { readonly faults: JoinFaults }) {
  const box = useRef<HTMLDivElement>(null);
  const found = JOIN_FIELDS.filter((field) => faults[field] !== undefined);
  const any = found.length > 0;
  useEffect(() => {
    if (any) box.current?.focus();
  }, [any]);
  if (!any) return null;
  const goTo = (event: { preventDefault: () => void }, field: JoinField) => {
    event.preventDefault();
    document.getElementById(`join-${field}`)?.focus();
  };
  return (
    <div ref={box} className="notice notice-danger" role="alert" tabIndex={-1}>
      <p className="notice-title">{found.length === 1 ? "One thing needs mending" : `${found.length} things need mending`}</p>
      <ul>
        {found.map((field) => (
          <li key={field}>
            <a href={`#join-${field}`} onClick={(event) => goTo(event, field)}>
              {faults[field]}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The one sight of the key and the secret. */
function Welcome({ onboarded, onSignIn }: { readonly onboarded: Onboarded; readonly onSignIn: (secret: string) => void }) {
  const navigate = useNavigate();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const go = () => {
    onSignIn(onboarded.key.key);
    navigate("/portal", { replace: true });
  };
  return (
    <div className="page desk-narrow">
      <h1 ref={heading} tabIndex={-1}>{`Welcome, ${onboarded.partner.name}`}</h1>
      <p className="notice">
        Keep both of these now. They are shown this once, and nobody can show them again.
      </p>
      <CopyLine label="Your key" text={onboarded.key.key} />
      <CopyLine label="Your webhook secret" text={onboarded.webhook_secret} />
      <p className="soft">The key goes into the header X-API-Key of every call. The secret signs webhooks both ways: those that you send, and those that you get.</p>
      <p className="desk-actions">
        <button type="button" className="button" onClick={go}>
          I have kept both
        </button>
      </p>
    </div>
  );
}
