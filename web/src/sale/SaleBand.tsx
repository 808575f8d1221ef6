import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useTools } from "../app/shop-context";
import { Icon } from "../ui/Icon";
import { Countdown } from "./Countdown";
import { standingAt } from "./sale-state";
import { saleToShow, salesQuery } from "./sales";
import { useTurns } from "./useTurns";
import "./band.css";

/** Tells the front page's visitors of the sale that is open. It lies over the picture, so that nothing moves when it comes. */
export function SaleBand() {
  const tools = useTools();
  const listing = useQuery(salesQuery(tools));
  const now = useTurns(listing.data?.sales);
  const sale = saleToShow(listing.data?.sales ?? []);
  if (sale === undefined || now === null || standingAt(sale, now) !== "open") return null;
  return (
    <aside className="sale-note" aria-labelledby="sale-note">
      <p className="flag">Flash sale</p>
      <h2 id="sale-note">{sale.name}</h2>
      <Countdown small words="Ends in" at={Date.parse(sale.ends_at)} />
      <Link className="button" to="/shop/sale">
        See the sale
        <Icon name="arrow" size={18} />
      </Link>
    </aside>
  );
}
