import { lazy, Suspense, useCallback, useRef, useState, type FormEvent, type ReactNode } from "react";
import { AddressFields } from "../checkout/AddressFields";
import { homeCountry } from "../checkout/countries";
import { FaultSummary } from "../checkout/FaultSummary";
import { TextField } from "../checkout/Field";
import { emptyForm, limitOf, validate, type CheckoutForm, type FieldName, type FormFault, type PaymentChosen } from "../checkout/form";
import "../checkout/checkout.css";

const PaymentChoice = lazy(() => import("../checkout/PaymentChoice"));

const NO_FAULTS: readonly FormFault[] = [];

/**
 * E-mail, address and payment, asked once and shortly. It begins with what is known (`from`) and with what the shop found wrong with it
 * (`faults`). `submit` is the button's words; `aside` stands above it.
 */
export default function DetailsForm(props: {
  readonly from: CheckoutForm | null;
  readonly faults?: readonly FormFault[];
  readonly submit: ReactNode;
  readonly busy?: boolean;
  readonly aside?: ReactNode;
  readonly onDone: (details: CheckoutForm) => void;
}) {
  const { from, faults: told = NO_FAULTS, submit, busy = false, aside, onDone } = props;
  const [form, setForm] = useState<CheckoutForm>(() => from ?? emptyForm(homeCountry()));
  const [faults, setFaults] = useState(told);
  const [summarised, setSummarised] = useState(told);
  const summary = useRef<HTMLDivElement>(null);

  const set = (part: Partial<CheckoutForm>) => {
    setForm((before) => ({ ...before, ...part }));
    setFaults((before) => before.filter((fault) => !(fault.field in part)));
  };
  const setPayment = useCallback((chosen: PaymentChosen) => set(chosen), []);
  const faultOf = (field: FieldName) => faults.find((fault) => fault.field === field)?.words;

  const send = (event: FormEvent) => {
    event.preventDefault();
    const found = validate(form);
    setFaults(found);
    setSummarised(found);
    if (found.length === 0) return onDone(form);
    requestAnimationFrame(() => summary.current?.focus());
    return undefined;
  };

  return (
    <form className="details" onSubmit={send} noValidate aria-busy={busy}>
      <div ref={summary} tabIndex={-1}>
        {summarised.length > 0 ? <FaultSummary faults={summarised} /> : null}
      </div>
      <fieldset disabled={busy} className="details-parts">
        <div className="fields">
          <TextField wide name="email" label="E-mail" type="email" autoComplete="email" hint="For the confirmation. Nothing else is sent to it." maxLength={limitOf("email")} value={form.email} error={faultOf("email")} onText={(email) => set({ email })} />
        </div>
        <section aria-labelledby="details-address" className="details-part">
          <h3 id="details-address">Delivery address</h3>
          <AddressFields form={form} faultOf={faultOf} set={set} />
        </section>
        <section aria-labelledby="details-payment" className="details-part">
          <h3 id="details-payment">Payment</h3>
          <Suspense fallback={<span className="bone payment-bone" aria-hidden="true" />}>
            <PaymentChoice chosen={form} faults={faults} onChoose={setPayment} />
          </Suspense>
        </section>
        {aside}
        <button type="submit" className="button button-large button-wide">
          {submit}
        </button>
      </fieldset>
    </form>
  );
}
