import type { ReactNode } from "react";
import { Link } from "react-router";
import { FaultSummary } from "../checkout/FaultSummary";
import TryAgain from "../ui/TryAgain";
import type { Trouble } from "./buying";
import type { Purchase } from "./usePurchase";

/** What became of a purchase that did not end in an order, what it means, and what to do next. */
export default function TroubleNotice({ trouble, purchase, onChangeDetails, onJoin }: { readonly trouble: Trouble; readonly purchase: Purchase; readonly onChangeDetails: () => void; readonly onJoin?: () => void }) {
  if (trouble.kind === "faults") return <FaultSummary faults={trouble.faults} />;
  const { problem } = trouble;
  const again = <TryAgain key={problem.reference ?? problem.message} seconds={problem.retryAfter} onTry={purchase.again} disabled={purchase.busy} />;
  switch (trouble.kind) {
    case "declined":
      return (
        <Told tone="danger" title="Not paid" words={problem.message} reference={problem.reference} more="Nothing was charged, and what you wanted is back in the sale.">
          <button type="button" className="button" onClick={onChangeDetails}>
            Pay another way
          </button>
        </Told>
      );
    case "gone":
      return (
        <Told title="Sold out" words={problem.message} more="Nothing was charged. Someone may still give theirs back, so it is worth another look before the sale ends.">
          <Link className="button button-quiet" to="/shop">
            See the whole shop
          </Link>
        </Told>
      );
    case "over":
      return (
        <Told title="The sale is over" words="It ended before your order reached us. Nothing was charged.">
          <Link className="button button-quiet" to="/shop">
            See the whole shop
          </Link>
        </Told>
      );
    case "early":
      return (
        <Told title="Not open yet" words="You were a moment too early. Nothing was charged.">
          {again}
        </Told>
      );
    case "limit":
      return (
        <Told title="You have your share" words={problem.message} more="Nothing was charged for this one. So many others get some, too.">
          <Link className="button button-quiet" to="/me/orders">
            See your orders
          </Link>
        </Told>
      );
    case "turn":
      return (
        <Told title="This sale has a line" words={problem.message} more="Nothing was charged.">
          {problem.code === "ticket_not_admitted" ? (
            again
          ) : onJoin ? (
            <button type="button" className="button" onClick={onJoin}>
              Take a place in the line
            </button>
          ) : null}
        </Told>
      );
    case "later":
      return (
        <Told title={problem.status === 429 ? "A little too fast" : "Payments are resting"} words={problem.message} reference={problem.reference} more="Nothing was charged. Your details stay here, and trying again sends the same order, never a second one.">
          {again}
        </Told>
      );
    case "unsure":
      return (
        <Told title="We have not heard how your payment went" words={problem.message} reference={problem.reference} more="Asking again is safe: it is the same order, and you are never charged twice for it.">
          {again}
        </Told>
      );
    case "refused":
      return (
        <Told tone="danger" title="That did not work" words={problem.message} reference={problem.reference} more="Nothing was charged.">
          <button type="button" className="button button-quiet" onClick={onChangeDetails}>
            Change your details
          </button>
        </Told>
      );
  }
}

function Told({ title, words, more, reference, tone, children }: { readonly title: string; readonly words: string; readonly more?: string; readonly reference?: string | null; readonly tone?: "danger"; readonly children: ReactNode }) {
  return (
    <div className={tone === "danger" ? "notice notice-danger" : "notice"} role="alert">
      <p className="notice-title">{title}</p>
      <p>{words}</p>
      {more ? <p className="small">{more}</p> : null}
      {children}
      {reference ? <p className="reference">{`Reference ${reference}`}</p> : null}
    </div>
  );
}
