import { useMutation, useQuery, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type FormEvent } from "react";
import { Link, useNavigate } from "react-router";
import { ApiProblem } from "../api/problem";
import type { Cart, Order, Quote, QuoteRequest, ShippingMethod } from "../api/shapes";
import { useFetchAhead, useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { useCart, useEmptyCart } from "../cart/cart";
import { quoteItems } from "../cart/cart-state";
import { formatMoney } from "../money/money";
import { dayWords } from "../product/delivery-words";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Icon } from "../ui/Icon";
import { Empty } from "../ui/parts";
import { AddressFields } from "./AddressFields";
import { attemptFor, fingerprintOf, sessionStore } from "./attempt";
import { countryName, homeCountry } from "./countries";
import { TextField } from "./Field";
import { emptyForm, faultsOf, fieldId, limitOf, orderOf, validate, type CheckoutForm, type FieldName, type FormFault, type PaymentChosen } from "./form";
import { quoteQuery } from "./quote";
import { Totals } from "./Totals";
import type { Trouble } from "./TroubleNotice";
import "./checkout.css";

const parts = { coupon: () => import("./CouponField"), payment: () => import("./PaymentChoice"), trouble: () => import("./TroubleNotice") };
const CouponField = lazy(parts.coupon);
const PaymentChoice = lazy(parts.payment);
const TroubleNotice = lazy(parts.trouble);

/** Everything between the bag and the order, on one page, with the sum always in view. */
export default function CheckoutPage() {
  useTitle("Checkout");
  useFetchAhead(parts.trouble);
  const cart = useCart();
  const [leaving, setLeaving] = useState(false);
  if (cart.isError && !cart.data) {
    return (
      <div className="page standing">
        <ErrorNotice title="Your bag did not load" error={cart.error} onRetry={() => void cart.refetch()} />
      </div>
    );
  }
  if (!cart.data) return <p className="page waiting" role="status">Fetching your bag</p>;
  if (quoteItems(cart.data).length === 0 && !leaving) {
    return (
      <div className="page">
        <Empty title="Your bag is empty" action={<Link className="button" to="/shop">Browse the shop</Link>}>
          There is nothing to pay for yet.
        </Empty>
      </div>
    );
  }
  return <Checkout cart={cart.data} onLeave={() => setLeaving(true)} />;
}

function Checkout({ cart, onLeave }: { readonly cart: Cart; readonly onLeave: () => void }) {
  const { shop } = useTools();
  const client = useQueryClient();
  const navigate = useNavigate();
  const emptyCart = useEmptyCart();
  const [form, setForm] = useState<CheckoutForm>(() => emptyForm(homeCountry()));
  const [shippingMethod, setShippingMethod] = useState<ShippingMethod>("standard");
  const [coupon, setCoupon] = useState("");
  const [faults, setFaults] = useState<readonly FormFault[]>([]);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const store = useMemo(() => sessionStore("checkout"), []);
  const summary = useRef<HTMLDivElement>(null);

  const settled = useSettled(form, 500);
  const request = quoteRequest(cart, settled, shippingMethod, coupon);
  const quote = useQuery(quoteQuery(shop, request));

  const set = (part: Partial<CheckoutForm>) => {
    setForm((before) => ({ ...before, ...part }));
    setFaults((before) => before.filter((fault) => !(fault.field in part)));
  };
  const setPayment = useCallback((chosen: PaymentChosen) => set(chosen), []);
  const faultOf = (field: FieldName) => faults.find((fault) => fault.field === field)?.words;

  const say = (next: Trouble, found: readonly FormFault[] = []) => {
    setTrouble(next);
    setFaults(found);
    requestAnimationFrame(() => summary.current?.focus());
  };

  const place: UseMutationResult<Order, Error, Quote> = useMutation({
    mutationFn: async (priced: Quote): Promise<Order> => {
      const fingerprint = await fingerprintOf([orderOf(form, ""), priced.lines.map(({ sku, quantity }) => [sku, quantity]), priced.shipping_method, coupon, priced.total]);
      const attempt = attemptFor(store, fingerprint, priced.quote, () => crypto.randomUUID());
      return shop.placeOrder(orderOf(form, attempt.quote), attempt.key);
    },
    onSuccess: (order) => {
      store.clear();
      onLeave();
      // Shown at once, and read again: the answer to a payment is the same for every repeat, so it holds nothing sealed to this page.
      client.setQueryData(["order", order.id], order, { updatedAt: 1 });
      void client.invalidateQueries({ queryKey: ["orders"] });
      void emptyCart(order.lines.map((line) => line.sku));
      navigate(`/shop/orders/${order.id}`, { replace: true, state: { placed: true } });
    },
    onError: (error: Error, priced: Quote): void => {
      const problem = error instanceof ApiProblem ? error : new ApiProblem(0, {}, null);
      if (problem.untouched) return say({ kind: "later", problem });
      if (problem.undecided) return say({ kind: "unsure", problem });
      store.clear();
      const renewed = problem.document.quote as Quote | undefined;
      if (renewed !== undefined) {
        client.setQueryData(["quote", request], renewed);
        if (renewed.total.amount === priced.total.amount) return place.mutate(renewed);
        return say({ kind: "repriced", total: formatMoney(renewed.total) });
      }
      if (problem.status === 409) void client.invalidateQueries({ queryKey: ["cart"] });
      const found = faultsOf(problem);
      return say(found.length > 0 ? { kind: "faults" } : { kind: "refused", problem }, found);
    },
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const found = validate(form);
    if (found.length > 0) return say({ kind: "faults" }, found);
    setTrouble(null);
    setFaults([]);
    const shown = quote.data;
    try {
      const priced = await client.fetchQuery(quoteQuery(shop, quoteRequest(cart, form, shippingMethod, coupon)));
      if (shown !== undefined && shown.total.amount !== priced.total.amount) return say({ kind: "repriced", total: formatMoney(priced.total) });
      place.mutate(priced);
    } catch (error) {
      const problem = error instanceof ApiProblem ? error : new ApiProblem(0, {}, null);
      const named = faultsOf(problem);
      say(named.length > 0 ? { kind: "faults" } : { kind: "refused", problem }, named);
    }
    return undefined;
  };

  const unsure = trouble?.kind === "unsure";
  const busy = place.isPending;
  const payWords = quote.data ? `Pay ${formatMoney(quote.data.total)}` : "Pay";
  const askAgain = () => {
    setTrouble(null);
    if (place.variables) place.mutate(place.variables);
  };

  return (
    <div className="page checkout">
      <h1>Checkout</h1>
      <div className="checkout-grid">
        <form className="checkout-form" onSubmit={(event) => void submit(event)} noValidate aria-busy={busy}>
          <div ref={summary} tabIndex={-1} className="checkout-trouble">
            <Suspense fallback={null}>{trouble ? <TroubleNotice trouble={trouble} faults={faults} onAskAgain={askAgain} busy={busy} /> : null}</Suspense>
          </div>
          <fieldset disabled={busy || unsure} className="checkout-steps">
            <section aria-labelledby="step-contact">
              <h2 id="step-contact">Contact</h2>
              <div className="fields">
                <TextField wide name="email" label="E-mail" type="email" autoComplete="email" hint="For the confirmation. Nothing else is sent to it." maxLength={limitOf("email")} value={form.email} error={faultOf("email")} onText={(email) => set({ email })} />
              </div>
            </section>

            <section aria-labelledby="step-address">
              <h2 id="step-address">Delivery address</h2>
              <AddressFields form={form} faultOf={faultOf} set={set} />
            </section>

            <section aria-labelledby="step-delivery">
              <h2 id="step-delivery">Delivery</h2>
              <DeliveryChoice quote={quote.data} chosen={shippingMethod} onChoose={setShippingMethod} />
            </section>

            <section aria-labelledby="step-coupon">
              <h2 id="step-coupon">Coupon</h2>
              <Suspense fallback={<span className="bone coupon-bone" aria-hidden="true" />}>
                <CouponField request={request} applied={coupon} promotions={quote.data?.promotions} error={faultOf("coupon")} onApply={setCoupon} />
              </Suspense>
            </section>

            <section aria-labelledby="step-payment">
              <h2 id="step-payment">Payment</h2>
              <Suspense fallback={<span className="bone payment-bone" aria-hidden="true" />}>
                <PaymentChoice chosen={form} faults={faults} onChoose={setPayment} />
              </Suspense>
            </section>

            <section aria-labelledby="step-review">
              <h2 id="step-review">Look it over</h2>
              <Review form={form} cart={cart} />
              {quote.isError ? <ErrorNotice error={quote.error} onRetry={() => void quote.refetch()} /> : null}
              <button type="submit" className="button button-large button-wide" disabled={quote.data === undefined}>
                {busy ? (
                  "Paying"
                ) : (
                  <>
                    <Icon name="lock" size={18} />
                    {payWords}
                  </>
                )}
              </button>
              <p className="small soft">You are charged once, and exactly this. You can cancel until we pack it.</p>
            </section>
          </fieldset>
          <p className="hidden-visually" role="status">{busy ? "Paying. This takes a few seconds." : ""}</p>
        </form>
        <Summary cart={cart} quote={quote.data} stale={quote.isPlaceholderData} />
      </div>
    </div>
  );
}

function quoteRequest(cart: Cart, form: CheckoutForm, method: ShippingMethod, coupon: string): QuoteRequest {
  const optional = { region: form.region.trim(), postal_code: form.postalCode.trim(), coupon };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== ""));
  return { items: quoteItems(cart), country: form.country, shipping_method: method, ...given };
}

/** The form as it was when it last rested for `ms`, so that not every letter asks for a new price. */
function useSettled(form: CheckoutForm, ms: number): CheckoutForm {
  const [settled, setSettled] = useState(form);
  const { country, region, postalCode } = form;
  const latest = useRef(form);
  latest.current = form;
  useEffect(() => setSettled(latest.current), [country]);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(latest.current), ms);
    return () => clearTimeout(timer);
  }, [region, postalCode, ms]);
  return settled;
}

function DeliveryChoice({ quote, chosen, onChoose }: { readonly quote: Quote | undefined; readonly chosen: ShippingMethod; readonly onChoose: (method: ShippingMethod) => void }) {
  if (!quote) return <span className="bone payment-bone" aria-hidden="true" />;
  return (
    <div className="choices" role="radiogroup" aria-label="Delivery" id={fieldId("shippingMethod")} tabIndex={-1}>
      {quote.shipping_options.map((option) => (
        <label key={option.id} className="choice">
          <input type="radio" name="shipping" checked={option.id === chosen} onChange={() => onChoose(option.id)} />
          <span className="choice-body">
            <span className="choice-title">{option.label}</span>
            <span className="choice-note">{dayWords(option.days_min, option.days_max)}</span>
          </span>
          <span className="price">{option.price.amount === 0 ? "Free" : formatMoney(option.price)}</span>
        </label>
      ))}
    </div>
  );
}

function Review({ form, cart }: { readonly form: CheckoutForm; readonly cart: Cart }) {
  const place = [form.name, form.line1, form.city].map((part) => part.trim()).filter(Boolean).join(", ");
  return (
    <dl className="review">
      <div>
        <dt>You get</dt>
        <dd>{cart.lines.filter((line) => line.available).map((line) => `${line.quantity} × ${line.name}`).join(", ")}</dd>
      </div>
      <div>
        <dt>It goes to</dt>
        <dd>{place === "" ? countryName(form.country) : `${place}, ${countryName(form.country)}`}</dd>
      </div>
      <div>
        <dt>We write to</dt>
        <dd>{form.email.trim() || "the e-mail address above"}</dd>
      </div>
    </dl>
  );
}

/** The bag and the sum, beside the form; on a phone a bar at the top that opens. */
function Summary({ cart, quote, stale }: { readonly cart: Cart; readonly quote: Quote | undefined; readonly stale: boolean }) {
  const [open, setOpen] = useState(false);
  const total = quote ? formatMoney(quote.total) : formatMoney(cart.subtotal);
  return (
    <aside className="summary" aria-labelledby="summary">
      <button type="button" className="summary-toggle" aria-expanded={open} aria-controls="summary-body" onClick={() => setOpen(!open)}>
        <span>
          {open ? "Hide your order" : "Show your order"} <Icon name="chevron" size={16} />
        </span>
        <span className="price">{total}</span>
      </button>
      <div id="summary-body" className={open ? "summary-body summary-open" : "summary-body"}>
        <h2 id="summary">Your order</h2>
        <ul className="summary-lines">
          {cart.lines.filter((line) => line.available).map((line) => (
            <li key={line.sku}>
              <span className="summary-picture">
                <img src={line.image_url} alt="" width={56} height={70} />
                <span className="summary-count" aria-hidden="true">{line.quantity}</span>
              </span>
              <span className="summary-name">
                {line.name}
                <span className="small soft">
                  <span className="hidden-visually">{`, quantity ${line.quantity}, `}</span>
                  {line.variant}
                </span>
              </span>
              <span className="price">{formatMoney(line.line_total)}</span>
            </li>
          ))}
        </ul>
        <div className={stale ? "summary-stale" : undefined} aria-live="polite">
          {quote ? <Totals priced={quote} taxRate={quote.tax_rate_basis_points} /> : <span className="bone bone-block" />}
        </div>
      </div>
    </aside>
  );
}
