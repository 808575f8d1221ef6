import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { FlashSale } from "../api/shapes";
import { useFetchAhead, useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Empty } from "../ui/parts";
import { Countdown } from "./Countdown";
import { load } from "./later-parts";
import { PreparedStrip } from "./PreparedStrip";
import { SaleItem } from "./SaleItem";
import { inOrder, standingAt, type Standing } from "./sale-state";
import { FRESH_MS, salesQuery } from "./sales";
import { useTurns } from "./useTurns";
import "./sale.css";

/** The flash sales: what is open now with the time that is left, what comes next, what is over. */
export default function SalePage() {
  useTitle("Flash sale");
  useFetchAhead(load.purchase, load.details, load.trouble);
  const tools = useTools();
  const listing = useQuery({ ...salesQuery(tools), refetchInterval: FRESH_MS });
  const now = useTurns(listing.data?.sales);

  if (listing.isError && !listing.data) {
    return (
      <div className="page standing">
        <ErrorNotice title="The sale did not load" error={listing.error} onRetry={() => void listing.refetch()} />
      </div>
    );
  }
  if (!listing.data || now === null) return <SaleBones />;
  const sales = inOrder(listing.data.sales, now);
  if (sales.length === 0) {
    return (
      <div className="page sale">
        <h1 className="hidden-visually">Flash sale</h1>
        <Empty title="No flash sale just now" action={<Link className="button" to="/shop?sort=price_asc">See what is good value</Link>}>
          When the next one is set, it stands here with the time until it opens.
        </Empty>
      </div>
    );
  }
  return (
    <div className="sale">
      {sales.map((sale, place) => (
        <SaleView key={sale.id} sale={sale} standing={standingAt(sale, now)} first={place === 0} />
      ))}
    </div>
  );
}

const STANDING_WORDS: Record<Standing, string> = { upcoming: "Opens soon", open: "Open now", over: "Over" };

function SaleView({ sale, standing, first }: { readonly sale: FlashSale; readonly standing: Standing; readonly first: boolean }) {
  const Heading = first ? "h1" : "h2";
  const id = `sale-${sale.id}`;
  return (
    <section aria-labelledby={id} className={`sale-one sale-${standing}`}>
      <div className="sale-band">
        <div className="page sale-head">
          <div className="sale-words">
            <p className="flag" role="status">
              {STANDING_WORDS[standing]}
            </p>
            <Heading id={id}>{sale.name}</Heading>
            <p className="sale-rules">{rulesOf(sale, standing)}</p>
          </div>
          {standing === "over" ? null : (
            <Countdown words={standing === "open" ? "Ends in" : "Opens in"} at={Date.parse(standing === "open" ? sale.ends_at : sale.starts_at)} />
          )}
        </div>
      </div>
      <div className="page sale-body">
        {first && standing !== "over" ? <PreparedStrip /> : null}
        <ul className="sale-items">
          {sale.items.map((item) => (
            <li key={item.sku}>
              <SaleItem sale={sale} item={item} standing={standing} heading={first ? "h2" : "h3"} />
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function rulesOf(sale: FlashSale, standing: Standing): string {
  if (standing === "over") return "Everything is back at its usual price. Thank you to everyone who came.";
  const limit = sale.limit_per_customer === 1 ? "One for each shopper." : `Up to ${sale.limit_per_customer} for each shopper.`;
  const way = sale.waiting_room ? "There is a line, and everybody keeps their place in it." : "What is paid is yours: nothing waits in a bag.";
  return `${limit} ${way}`;
}

function SaleBones() {
  return (
    <div className="sale" role="status" aria-label="Loading the sale">
      <div className="sale-band">
        <div className="page sale-head">
          <div className="sale-words">
            <span className="bone sale-bone-title" />
            <span className="bone bone-line" />
          </div>
        </div>
      </div>
      <div className="page sale-body">
        <span className="bone sale-bone-strip" />
        <ul className="sale-items" aria-hidden="true">
          {[1, 2, 3].map((place) => (
            <li key={place}>
              <span className="bone picture" />
              <span className="bone bone-line" />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
