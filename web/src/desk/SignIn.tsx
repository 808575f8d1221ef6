import { useMutation } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { ApiProblem } from "../api/problem";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Icon } from "../ui/Icon";

/** Asks for a key or token and tries it. `unknown` is what to say at the field of one that counts for nothing, in place of the server's words. It has no name in its form, so that no browser ever puts it into an address. */
export function SignIn(props: { readonly title: string; readonly lead: string; readonly label: string; readonly hint: string; readonly missing: string; readonly unknown?: string; readonly told: string | null; readonly onTry: (secret: string) => Promise<unknown>; readonly children?: ReactNode }) {
  const { title, lead, label, hint, missing, unknown, told, onTry, children } = props;
  const id = useId();
  const [secret, setSecret] = useState("");
  const [empty, setEmpty] = useState(false);
  const trying = useMutation({ mutationFn: onTry });
  const refused = unknown !== undefined && isUnknown(trying.error);
  const error = empty ? missing : refused ? unknown : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const typed = secret.trim();
    setEmpty(typed === "");
    if (typed === "") document.getElementById(id)?.focus();
    else if (!trying.isPending) trying.mutate(typed, { onError: (problem) => (unknown !== undefined && isUnknown(problem) ? document.getElementById(id)?.focus() : undefined) });
  };
  return (
    <div className="page desk-narrow">
      <h1>{title}</h1>
      <p className="soft">{lead}</p>
      {told && !trying.isError ? <p className="notice" role="alert">{told}</p> : null}
      {trying.isError && !refused ? <ErrorNotice error={trying.error} /> : null}
      <form className="desk-form" method="post" noValidate onSubmit={submit}>
        <div className="field">
          <label className="field-label" htmlFor={id}>
            {label}
          </label>
          <p className="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
          <input
            id={id}
            className="input"
            type="password"
            autoComplete="current-password"
            spellCheck={false}
            value={secret}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? `${id}-hint ${id}-error` : `${id}-hint`}
            onChange={(event) => setSecret(event.target.value)}
          />
          {error ? (
            <p className="field-error" id={`${id}-error`}>
              <Icon name="alert" size={16} />
              {error}
            </p>
          ) : null}
        </div>
        <button type="submit" className="button" aria-disabled={trying.isPending}>
          {trying.isPending ? "Signing in" : "Sign in"}
        </button>
      </form>
      {children}
    </div>
  );
}

function isUnknown(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401;
}
