import { Suspense, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { FlashItem, FlashSale } from "../api/shapes";
import { useTools } from "../app/shop-context";
import type { CheckoutForm } from "../checkout/form";
import { formatMoney } from "../money/money";
import { Picture, Price, Stepper, StockBadge } from "../ui/parts";
import { Sheet } from "../ui/Sheet";
import { About } from "./About";
import { DetailsForm, TroubleNotice } from "./later-parts";
import { isGone, mostOf, percentOff, type Standing } from "./sale-state";
import { usePrepared } from "./usePrepared";
import { usePurchase } from "./usePurchase";

/** One item of a sale: what it costs now and cost before, how much is left, and the button that buys it. */
export function SaleItem({ sale, item, standing, heading: Heading }: { readonly sale: FlashSale; readonly item: FlashItem; readonly standing: Standing; readonly heading: "h2" | "h3" }) {
  const { prepared } = useTools();
  const details = usePrepared();
  const navigate = useNavigate();
  const most = mostOf(sale, item);
  const [wished, setWished] = useState(1);
  const quantity = Math.min(wished, most);
  const [asking, setAsking] = useState(false);
  const purchase = usePurchase({ sale: sale.id, sku: item.sku, quantity });
  const { trouble, busy } = purchase;
  const told = useRef<HTMLDivElement>(null);
  const queue = `/shop/sale/queue/${sale.id}?${new URLSearchParams({ sku: item.sku, quantity: String(quantity) }).toString()}`;
  const gone = isGone(item) || trouble?.kind === "gone";
  const buyable = standing === "open" && !gone && trouble?.kind !== "over";

  useEffect(() => {
    if (trouble?.kind === "faults") setAsking(true);
    else if (trouble !== null) told.current?.focus();
  }, [trouble]);

  const tap = () => {
    if (sale.waiting_room) return navigate(queue);
    return details === null ? setAsking(true) : purchase.buy(details);
  };
  const buyWith = (form: CheckoutForm) => {
    setAsking(false);
    void prepared.keep(form);
    purchase.buy(form);
  };

  const goods = { ...item.price, amount: item.price.amount * quantity };
  const sum = formatMoney(goods);
  const off = percentOff(item);
  return (
    <article className={gone ? "sale-item sale-item-gone" : "sale-item"}>
      <Link className="sale-picture" to={`/shop/${item.product_id}`} tabIndex={-1} aria-hidden="true">
        <Picture url={item.image_url} alt="" eager />
        {off > 0 && !gone ? <span className="flag card-flag">{`${off}% off`}</span> : null}
      </Link>
      <div className="sale-text">
        <Heading className="sale-name">
          <Link to={`/shop/${item.product_id}`}>{item.name}</Link>
        </Heading>
        {item.variant && item.variant !== item.name ? <p className="small soft">{item.variant}</p> : null}
        <p className="sale-price">
          <Price now={item.price} before={item.was_price} />
        </p>
        <p className="sale-left">{gone ? <StockBadge level="out" /> : <Left item={item} standing={standing} />}</p>
        <div className="sale-buy">
          {buyable && most > 1 ? <Stepper label={item.name} value={quantity} max={most} onChange={setWished} /> : null}
          <button type="button" className="button button-large" onClick={tap} disabled={!buyable || busy} aria-label={`${buttonWords(standing, gone, busy, sale.waiting_room, sum)}: ${item.name}`}>
            {buttonWords(standing, gone, busy, sale.waiting_room, sum)}
          </button>
        </div>
        {buyable && details ? <About sku={item.sku} quantity={quantity} goods={goods} /> : null}
        {buyable && !details ? <p className="small soft sale-about">Delivery and tax are added. You can cancel until we pack it.</p> : null}
        <p className="hidden-visually" role="status">
          {busy ? "Paying. This takes a few seconds." : ""}
        </p>
        <div ref={told} tabIndex={-1}>
          <Suspense fallback={null}>
            {trouble && trouble.kind !== "faults" ? <TroubleNotice trouble={trouble} purchase={purchase} onChangeDetails={() => setAsking(true)} onJoin={() => navigate(queue)} /> : null}
          </Suspense>
        </div>
      </div>
      <Sheet title={`Buy ${item.name}`} open={asking} onClose={() => setAsking(false)}>
        <Suspense fallback={<span className="bone bone-block" />}>
          <DetailsForm
            from={details}
            faults={trouble?.kind === "faults" ? trouble.faults : []}
            submit={`Buy for ${sum}`}
            aside={
              <div>
                <About sku={item.sku} quantity={quantity} goods={goods} />
                <p className="small soft">You are charged once. Your details stay in this window, so that the next buy takes one tap.</p>
              </div>
            }
            onDone={buyWith}
          />
        </Suspense>
      </Sheet>
    </article>
  );
}

/** How much is left: the figure while it is small enough to matter, in tens beyond. */
function Left({ item, standing }: { readonly item: FlashItem; readonly standing: Standing }) {
  const { remaining, level } = item.stock;
  if (standing === "upcoming") return <span className="badge badge-in">{remaining <= 10 ? `${remaining} go on sale` : `At least ${remaining} go on sale`}</span>;
  if (remaining <= 10) return <span className="badge badge-low">{remaining === 1 ? "The last one" : `Only ${remaining} left`}</span>;
  return <span className={`badge badge-${level}`}>{`At least ${remaining} left`}</span>;
}

function buttonWords(standing: Standing, gone: boolean, busy: boolean, waitingRoom: boolean, sum: string): string {
  if (busy) return "Paying";
  if (standing === "over") return "Over";
  if (gone) return "Sold out";
  if (standing === "upcoming") return "Not open yet";
  return waitingRoom ? "Join the line" : `Buy for ${sum}`;
}
