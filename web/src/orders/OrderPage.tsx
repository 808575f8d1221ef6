import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, useLocation, useParams } from "react-router";
import { ApiProblem } from "../api/problem";
import type { Order } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { countryName } from "../checkout/countries";
import { Totals } from "../checkout/Totals";
import { formatMoney } from "../money/money";
import { usePersonalData } from "../privacy/usePersonalData";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Icon } from "../ui/Icon";
import { isUndecided, nextWords, STATE_WORDS, stateTone, story, timeWords } from "./order-words";
import "./order.css";

const CancelOrder = lazy(() => import("./CancelOrder"));
const PayOrder = lazy(() => import("./PayOrder"));
const Errand = lazy(() => import("./Errand"));
const NotFoundPage = lazy(() => import("../app/NotFoundPage"));
const ASK_EVERY_MS = 2_000;
const ASK_FOR_MS = 3 * 60_000;
/** What is sent from a wallet may come at any moment of the order's ten minutes. */
const ASK_FOR_A_TRANSFER_MS = 11 * 60_000;

/** One order: how it stands, what comes next, what happened, what is in it and where it goes. */
export default function OrderPage() {
  const { orderId = "" } = useParams();
  const { shop } = useTools();
  const opened = useRef(Date.now());
  const order = useQuery({
    queryKey: ["order", orderId],
    queryFn: ({ signal }) => shop.getOrder(orderId, signal),
    staleTime: 5_000,
    refetchInterval: ({ state }) => (state.data && isUndecided(state.data) && Date.now() - opened.current < askForMs(state.data) ? ASK_EVERY_MS : false),
  });
  const placed = (useLocation().state as { placed?: boolean } | null)?.placed === true;
  useTitle(order.data ? (placed ? "Thank you" : "Your order") : undefined);

  if (order.error instanceof ApiProblem && order.error.status === 404) return <NotFoundPage what="order" />;
  if (order.isError && !order.data) {
    return (
      <div className="page standing">
        <ErrorNotice title="The order did not load" error={order.error} onRetry={() => void order.refetch()} />
      </div>
    );
  }
  if (!order.data) return <p className="page waiting" role="status">Fetching your order</p>;
  return <OrderView order={order.data} placed={placed} onReadAgain={() => void order.refetch()} />;
}

function askForMs(order: Order): number {
  return order.payment?.action?.type === "transfer" ? ASK_FOR_A_TRANSFER_MS : ASK_FOR_MS;
}

function OrderView({ order, placed, onReadAgain }: { readonly order: Order; readonly placed: boolean; readonly onReadAgain: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (placed) heading.current?.focus({ preventScroll: true });
  }, [placed]);
  return (
    <div className="page order">
      <header className="order-head">
        <p className={`order-state order-state-${stateTone(order.state)}`} role="status">
          {STATE_WORDS[order.state]}
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {titleOf(order, placed)}
        </h1>
        <p className="order-next">{nextWords(order, timeWords)}</p>
        <p className="reference">{`Order ${order.id}`}</p>
        {order.payment?.action ? <Suspense fallback={null}><Errand order={order} /></Suspense> : null}
        {order.allowed_actions.includes("pay") && !isUndecided(order) ? <Suspense fallback={null}><PayOrder order={order} /></Suspense> : null}
      </header>

      <div className="order-grid">
        <div className="order-main">
          <section aria-labelledby="story">
            <h2 id="story">What happened</h2>
            <Timeline order={order} />
          </section>
          <section aria-labelledby="goods">
            <h2 id="goods">What is in it</h2>
            <Lines order={order} />
          </section>
        </div>
        <aside className="order-side">
          <section aria-labelledby="sum">
            <h2 id="sum">The sum</h2>
            <Totals priced={order} />
            <PaidWith order={order} />
          </section>
          <Personal order={order} onReadAgain={onReadAgain} />
          {order.allowed_actions.includes("cancel") ? <Suspense fallback={null}><CancelOrder order={order} /></Suspense> : null}
        </aside>
      </div>
    </div>
  );
}

function titleOf(order: Order, placed: boolean): string {
  if (!placed || stateTone(order.state) === "over") return `Your order of ${new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" }).format(new Date(order.placed_at))}`;
  return order.state === "pending_payment" ? "Thank you, nearly there" : "Thank you, it is yours";
}

function Timeline({ order }: { readonly order: Order }) {
  return (
    <ol className="timeline">
      {story(order).map((moment) => (
        <li key={moment.key} className={moment.at ? "moment moment-past" : "moment"}>
          <p className="moment-words">
            {moment.words}
            {moment.at ? null : <span className="hidden-visually"> (still to come)</span>}
          </p>
          {moment.detail ? <p className="small">{moment.detail}</p> : null}
          {moment.at ? (
            <time className="small soft" dateTime={moment.at}>
              {timeWords(moment.at)}
            </time>
          ) : null}
        </li>
      ))}
    </ol>
  );
}

function Lines({ order }: { readonly order: Order }) {
  return (
    <ul className="order-lines">
      {order.lines.map((line) => (
        <li key={line.sku}>
          <img src={line.image_url} alt="" width={72} height={90} loading="lazy" />
          <div>
            <Link className="order-name" to={`/shop/${line.product_id}`}>
              {line.name}
            </Link>
            <p className="small soft">{[line.variant === line.name ? "" : line.variant, `${line.quantity} × ${formatMoney(line.unit_price)}`].filter(Boolean).join(", ")}</p>
            {line.shipped > 0 && line.shipped < line.quantity ? <p className="small">{`${line.shipped} of ${line.quantity} sent`}</p> : null}
          </div>
          <p className="price">{formatMoney(line.line_total)}</p>
        </li>
      ))}
    </ul>
  );
}

function PaidWith({ order }: { readonly order: Order }) {
  const { payment } = order;
  if (payment === null) return null;
  const card = payment.card;
  const name = card ? `${card.brand.charAt(0).toUpperCase()}${card.brand.slice(1)} ending in ${card.last4}` : payment.method;
  return (
    <p className="small soft">
      {payment.refunded.amount > 0 ? `${formatMoney(payment.refunded)} went back to ${name}.` : payment.state === "captured" ? `Paid with ${name}.` : `Payment by ${name}.`}
    </p>
  );
}

/** The shopper's own details: readable in this browser while someone is here, masks otherwise. */
function Personal({ order, onReadAgain }: { readonly order: Order; readonly onReadAgain: () => void }) {
  const data = usePersonalData(order.sealed);
  const address = data?.address ?? order.address;
  return (
    <section aria-labelledby="goes-to">
      <h2 id="goes-to">Where it goes</h2>
      {address ? (
        <address className="order-address">
          {[address.name, address.line1, address.line2, [address.postal_code, address.city].join(" "), address.region, countryName(address.country), address.phone]
            .filter((part) => part != null && /[^\s*•]/.test(part))
            .map((part, place) => (
              <span key={place}>{part}</span>
            ))}
        </address>
      ) : null}
      <p className="order-mail">{data?.email ?? order.customer_email}</p>
      {data ? (
        <p className="small soft order-private">
          <Icon name="lock" size={16} /> Opened by this browser only. It hides again after 15 quiet minutes.
        </p>
      ) : (
        <button type="button" className="button button-plain" onClick={onReadAgain}>
          Show my details
        </button>
      )}
    </section>
  );
}
