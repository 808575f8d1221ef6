import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type KeyboardEvent } from "react";
import { ApiProblem } from "../api/problem";
import type { Quote, QuoteRequest } from "../api/shapes";
import { useTools } from "../app/shop-context";
import { describedBy, Field } from "./Field";
import { faultsOf, fieldId } from "./form";

/** Takes a coupon's code, tries it on a quote, and says at the field whether it counts. */
export default function CouponField(props: {
  readonly request: QuoteRequest;
  readonly applied: string;
  readonly promotions: Quote["promotions"] | undefined;
  readonly error: string | undefined;
  readonly onApply: (code: string) => void;
}) {
  const { request, applied, promotions, onApply } = props;
  const { shop } = useTools();
  const client = useQueryClient();
  const [code, setCode] = useState("");

  const attempt = useMutation({
    mutationFn: async (coupon: string) => {
      const asked = { ...request, coupon };
      const quote = await shop.quoteOrder(asked);
      const counts = quote.promotions.some((promotion) => promotion.code.toLowerCase() === coupon.toLowerCase());
      if (!counts) throw new ApiProblem(422, { detail: "This coupon does not apply to what is in your bag." }, null);
      client.setQueryData(["quote", asked], quote);
    },
    onSuccess: (_, coupon) => {
      onApply(coupon);
      setCode("");
    },
  });

  const apply = () => {
    if (code.trim() !== "") attempt.mutate(code.trim());
  };
  const applyOnEnter = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    apply();
  };

  if (applied !== "") {
    const label = promotions?.find((promotion) => promotion.code.toLowerCase() === applied.toLowerCase())?.label;
    return (
      <p className="coupon-on" role="status">
        <span>
          <strong>{applied.toUpperCase()}</strong>
          {label ? ` takes off: ${label}` : " is applied"}
        </span>
        <button type="button" className="button button-plain" onClick={() => onApply("")} aria-label={`Remove the coupon ${applied}`}>
          Remove
        </button>
      </p>
    );
  }
  const error = attempt.error ? wordsOf(attempt.error) : props.error;
  return (
    <Field name="coupon" label="Coupon code" optional error={error}>
      <div className="coupon-row">
        <input id={fieldId("coupon")} className="input" autoComplete="off" autoCapitalize="characters" spellCheck={false} maxLength={64} value={code} onChange={(event) => setCode(event.target.value)} onKeyDown={applyOnEnter} {...describedBy("coupon", undefined, error)} />
        <button type="button" className="button button-quiet" onClick={apply} disabled={attempt.isPending || code.trim() === ""}>
          {attempt.isPending ? "Checking" : "Apply"}
        </button>
      </div>
    </Field>
  );
}

function wordsOf(error: unknown): string {
  if (!(error instanceof ApiProblem)) return "The coupon could not be checked. Please try again.";
  return faultsOf(error).find((fault) => fault.field === "coupon")?.words ?? error.message;
}
