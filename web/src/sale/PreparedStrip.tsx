import { useQuery } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { useTools } from "../app/shop-context";
import { countryName } from "../checkout/countries";
import type { CheckoutForm } from "../checkout/form";
import { Icon } from "../ui/Icon";
import { Sheet } from "../ui/Sheet";
import { DetailsForm } from "./later-parts";
import { usePrepared } from "./usePrepared";

/** Whether one tap buys, and with what; or how to make it so before the rush. */
export function PreparedStrip() {
  const { prepared } = useTools();
  const details = usePrepared();
  const [open, setOpen] = useState(false);
  const keep = (form: CheckoutForm) => {
    setOpen(false);
    void prepared.keep(form);
  };
  return (
    <div className={details ? "prepared prepared-yes" : "prepared"}>
      <Icon name={details ? "check" : "lock"} size={22} />
      <div className="prepared-words" role="status">
        {details ? (
          <>
            <p className="prepared-title">One tap buys</p>
            <PreparedWords details={details} />
          </>
        ) : (
          <>
            <p className="prepared-title">Be ready: then one tap buys</p>
            <p className="small">Choose your e-mail, address and payment once. They stay in this window, and nowhere else.</p>
          </>
        )}
      </div>
      <div className="prepared-actions">
        <button type="button" className={details ? "button button-plain" : "button"} onClick={() => setOpen(true)} aria-haspopup="dialog">
          {details ? "Change" : "Get ready"}
        </button>
        {details ? (
          <button type="button" className="button button-plain" onClick={prepared.forget}>
            Forget it
          </button>
        ) : null}
      </div>
      <Sheet title="Your details" open={open} onClose={() => setOpen(false)}>
        <Suspense fallback={<span className="bone bone-block" />}>
          <DetailsForm from={details} submit="Keep them for this visit" onDone={keep} />
        </Suspense>
      </Sheet>
    </div>
  );
}

/** Who gets it, where it goes and how it is paid, in a line. */
export function PreparedWords({ details }: { readonly details: CheckoutForm }) {
  const { shop } = useTools();
  const methods = useQuery({ queryKey: ["payment-methods"], queryFn: ({ signal }) => shop.listPaymentMethods(signal), staleTime: 10 * 60_000 });
  const method = methods.data?.find((one) => one.id === details.method)?.label ?? details.method;
  return <p className="small prepared-line">{`${details.email.trim()}, to ${details.name.trim()} in ${details.city.trim()}, ${countryName(details.country)}, paid with ${method}.`}</p>;
}
