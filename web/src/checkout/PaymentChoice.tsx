import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTools } from "../app/shop-context";
import { ErrorNotice } from "../ui/ErrorNotice";
import { describedBy, Field } from "./Field";
import { fieldId, type FormFault, type PaymentChosen } from "./form";

const TEST_CARDS = [
  { token: "tok_approve", words: "Approved at once" },
  { token: "tok_decline", words: "Declined by the bank" },
  { token: "tok_insufficient_funds", words: "Not enough money on the account" },
  { token: "tok_fail_2", words: "Provider fails twice, then approves" },
  { token: "tok_slow_2000", words: "Approved after two seconds" },
  { token: "tok_lost_answer", words: "Charged, but the answer is lost" },
] as const;

/** How to pay: the methods that the API lists. A card is never typed here; outside production its place is taken by test cards. */
export default function PaymentChoice({ chosen, faults, onChoose }: { readonly chosen: PaymentChosen; readonly faults: readonly FormFault[]; readonly onChoose: (chosen: PaymentChosen) => void }) {
  const { shop, config } = useTools();
  const methods = useQuery({ queryKey: ["payment-methods"], queryFn: ({ signal }) => shop.listPaymentMethods(signal), staleTime: 10 * 60_000 });
  const only = methods.data?.length === 1 ? methods.data[0] : undefined;
  useEffect(() => {
    if (only && chosen.method === "") onChoose({ method: only.id, kind: only.kind, token: "" });
  }, [only, chosen.method, onChoose]);

  if (methods.isError) return <ErrorNotice error={methods.error} onRetry={() => void methods.refetch()} />;
  if (!methods.data) return <span className="bone payment-bone" aria-hidden="true" />;
  const method = methods.data.find((candidate) => candidate.id === chosen.method);
  const fault = (field: "method" | "token") => faults.find((one) => one.field === field)?.words;
  return (
    <>
      <div className="choices" role="radiogroup" aria-label="How to pay" id={fieldId("method")} tabIndex={-1} aria-describedby={fault("method") ? "checkout-method-error" : undefined}>
        {methods.data.map((candidate) => (
          <label key={candidate.id} className="choice">
            <input type="radio" name="method" checked={candidate.id === chosen.method} onChange={() => onChoose({ method: candidate.id, kind: candidate.kind, token: "" })} />
            <span className="choice-body">
              <span className="choice-title">{candidate.label}</span>
              <span className="choice-note">{candidate.description}</span>
            </span>
          </label>
        ))}
      </div>
      {fault("method") ? <p className="field-error" id="checkout-method-error">{fault("method")}</p> : null}
      {method?.kind === "token" && config.environment !== "production" ? (
        <TestCards token={chosen.token} error={fault("token")} onChoose={(token) => onChoose({ method: method.id, kind: method.kind, token })} />
      ) : null}
    </>
  );
}

function TestCards({ token, error, onChoose }: { readonly token: string; readonly error: string | undefined; readonly onChoose: (token: string) => void }) {
  const hint = "This is the sandbox: no card exists and no money moves. Choose how the bank should answer.";
  return (
    <div className="sandbox">
      <Field name="token" label="Test card" hint={hint} error={error}>
        <select id={fieldId("token")} className="input" value={token} required onChange={(event) => onChoose(event.target.value)} {...describedBy("token", hint, error)}>
          <option value="" disabled>
            Choose a test card
          </option>
          {TEST_CARDS.map((card) => (
            <option key={card.token} value={card.token}>
              {card.words}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}
