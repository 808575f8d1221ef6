import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect, useRef, useState } from "react";
import { Link, Navigate, useParams, useSearchParams } from "react-router";
import { ApiProblem } from "../api/problem";
import type { FlashItem, QueuePlace } from "../api/shapes";
import { useFetchAhead, useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import type { CheckoutForm } from "../checkout/form";
import { formatMoney } from "../money/money";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Icon } from "../ui/Icon";
import TryAgain from "../ui/TryAgain";
import { About } from "./About";
import { waitWords } from "./countdown";
import { DetailsForm, load, TroubleNotice } from "./later-parts";
import { PreparedWords } from "./PreparedStrip";
import { isGone } from "./sale-state";
import { FRESH_MS, salesQuery } from "./sales";
import { usePrepared } from "./usePrepared";
import { usePurchase } from "./usePurchase";
import { useCalmly, useQueuePlace } from "./useQueuePlace";
import "./sale.css";

/** The waiting room of a sale: the shopper's place, how long it will take, and then their turn, which buys by itself when they are ready for it. */
export default function QueuePage() {
  useTitle("In line");
  useFetchAhead(load.purchase, load.details, load.trouble);
  const { saleId = "" } = useParams();
  const [params] = useSearchParams();
  const tools = useTools();
  const listing = useQuery({ ...salesQuery(tools), refetchInterval: FRESH_MS });
  const sale = listing.data?.sales.find((one) => one.id === saleId);
  const item = sale?.items.find((one) => one.sku === params.get("sku")) ?? sale?.items[0];
  const asked = Number(params.get("quantity") ?? 1);
  const quantity = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), sale?.limit_per_customer ?? 1) : 1;

  if (listing.isError && !listing.data) {
    return (
      <div className="page standing">
        <ErrorNotice title="The sale did not load" error={listing.error} onRetry={() => void listing.refetch()} />
      </div>
    );
  }
  if (!listing.data) return <p className="page waiting" role="status">Finding your place</p>;
  if (item === undefined || !sale?.waiting_room) return <Navigate to="/shop/sale" replace />;
  return <Line key={`${saleId} ${item.sku}`} sale={saleId} item={item} quantity={quantity} />;
}

function Line({ sale, item, quantity }: { readonly sale: string; readonly item: FlashItem; readonly quantity: number }) {
  const { prepared } = useTools();
  const details = usePrepared();
  const { place, leave } = useQueuePlace(sale);
  const turn = place.data?.admitted === true;
  const purchase = usePurchase({ sale, sku: item.sku, quantity, ticket: place.data?.ticket }, leave);
  const { busy, trouble } = purchase;
  const [changing, setChanging] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const told = useRef<HTMLDivElement>(null);
  const bought = useRef<string | null>(null);
  const ticket = place.data?.ticket ?? null;

  useEffect(() => {
    // Whoever is typing keeps the field; the words that are read aloud tell them all the same.
    if (turn && !document.activeElement?.matches("input, select")) heading.current?.focus();
  }, [turn]);
  useEffect(() => {
    if (!turn) bought.current = null;
    if (!turn || details === null || ticket === null || bought.current === ticket || changing) return;
    bought.current = ticket;
    purchase.buy(details);
  }, [turn, details, ticket, changing, purchase]);
  useEffect(() => {
    if (trouble?.kind === "faults") setChanging(true);
    else if (trouble !== null) told.current?.focus();
  }, [trouble]);

  const keep = (form: CheckoutForm) => {
    setChanging(false);
    bought.current = null;
    void prepared.keep(form);
  };
  // The old ticket stays marked as used: until the new one is here, nothing is bought with it.
  const joinAgain = () => {
    leave();
    purchase.dismiss();
    void place.refetch();
  };

  const goods = { ...item.price, amount: item.price.amount * quantity };
  const sum = formatMoney(goods);
  const asking = details === null || changing;
  return (
    <div className="page queue">
      <div className="queue-main">
        <header className="queue-head">
          <h1 ref={heading} tabIndex={-1}>
            {turn ? "It is your turn" : "You are in line"}
          </h1>
          {place.data && !turn ? <Waiting place={place.data} /> : null}
          {turn && !trouble ? <p className="queue-lead">{busy ? "We are paying for you now. It takes a few seconds." : asking ? "Fill in your details and buy. Your place is kept meanwhile." : "One moment."}</p> : null}
          {place.isError && !place.data ? <NotJoined error={place.error} onRetry={() => void place.refetch()} /> : null}
          {place.isError && place.data ? <p className="small soft">We could not ask just now. Your place is kept, and we ask again in a few seconds.</p> : null}
          {!place.data && !place.isError ? <p className="queue-lead">Taking a place for you.</p> : null}
        </header>
        <div ref={told} tabIndex={-1}>
          <Suspense fallback={null}>
            {trouble && trouble.kind !== "faults" ? <TroubleNotice trouble={trouble} purchase={purchase} onChangeDetails={() => setChanging(true)} onJoin={joinAgain} /> : null}
          </Suspense>
        </div>
        <section aria-labelledby="queue-details" className="queue-details">
          <h2 id="queue-details">{asking ? (turn ? "Your details" : "Get ready while you wait") : "Ready for your turn"}</h2>
          {asking ? (
            <Suspense fallback={<span className="bone bone-block" />}>
              <DetailsForm
                from={details}
                faults={trouble?.kind === "faults" ? trouble.faults : []}
                busy={busy}
                submit={turn ? `Buy for ${sum}` : "Buy as soon as it is my turn"}
                aside={<p className="small soft">You are charged once, when it is your turn. Your details stay in this window only, so a reload asks for them again.</p>}
                onDone={keep}
              />
            </Suspense>
          ) : (
            <div className="prepared prepared-yes">
              <Icon name="check" size={22} />
              <div className="prepared-words">
                <p className="prepared-title">{turn ? "This is what we buy with" : "We buy as soon as it is your turn"}</p>
                <PreparedWords details={details} />
              </div>
              <div className="prepared-actions">
                <button type="button" className="button button-plain" onClick={() => setChanging(true)} disabled={busy}>
                  Change
                </button>
              </div>
            </div>
          )}
        </section>
      </div>
      <aside className="queue-side" aria-label="What you wait for">
        <img src={item.image_url} alt="" width={160} height={200} />
        <div>
          <p className="queue-name">{item.name}</p>
          <p className="small soft">{[item.variant === item.name ? "" : item.variant, quantity > 1 ? `${quantity} of them` : ""].filter(Boolean).join(", ")}</p>
          <p className="price">{sum}</p>
          <About sku={item.sku} quantity={quantity} goods={goods} />
          {isGone(item) ? <p className="small">It looks sold out just now. You keep your place: someone may give theirs back.</p> : null}
          <p className="small">
            <Link to="/shop/sale">Back to the sale</Link>
          </p>
        </div>
      </aside>
    </div>
  );
}

function Waiting({ place }: { readonly place: QueuePlace }) {
  const [first] = useState(place.ahead);
  const spoken = useCalmly(`${aheadWords(place.ahead)} Your turn comes in ${waitWords(place.eta_seconds)}.`);
  return (
    <>
      <p className="hidden-visually" role="status">
        {spoken}
      </p>
      <dl className="queue-figures figures">
        <div>
          <dt>Your number</dt>
          <dd>{place.position}</dd>
        </div>
        <div>
          <dt>Before you</dt>
          <dd>{place.ahead}</dd>
        </div>
        <div>
          <dt>Your turn comes in</dt>
          <dd className="queue-wait">{waitWords(place.eta_seconds)}</dd>
        </div>
      </dl>
      <progress className="queue-progress" aria-label="How far the line has come" value={first - place.ahead} max={Math.max(1, first)} />
      <p className="queue-lead">Your number is yours. Reload the page, look elsewhere or lock your phone: you find your place again, and nobody gets ahead by asking more often.</p>
    </>
  );
}

function NotJoined({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  if (error instanceof ApiProblem && error.code === "sale_over") {
    return (
      <div className="notice" role="alert">
        <p className="notice-title">The sale is over</p>
        <p>The line is closed, and nothing was charged.</p>
        <Link className="button button-quiet" to="/shop">
          See the whole shop
        </Link>
      </div>
    );
  }
  if (error instanceof ApiProblem && error.retryAfter !== null) {
    return (
      <div className="notice" role="alert">
        <p className="notice-title">The door is crowded</p>
        <p>{error.message}</p>
        <TryAgain key={error.reference} seconds={error.retryAfter} onTry={onRetry} />
      </div>
    );
  }
  return <ErrorNotice title="You have no place yet" error={error} onRetry={onRetry} />;
}

function aheadWords(ahead: number): string {
  if (ahead === 0) return "You are next.";
  return ahead === 1 ? "1 person is before you." : `${ahead} people are before you.`;
}
