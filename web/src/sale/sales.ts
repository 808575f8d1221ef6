import { queryOptions } from "@tanstack/react-query";
import type { FlashSale } from "../api/shapes";
import type { ShopTools } from "../app/shop-context";

/** How long a listing of sales is good. The API renews its own every 30 seconds, and the browser's cache holds each answer for 5. */
export const FRESH_MS = 15_000;

/** The sales that the shop tells of. Each answer tells the shop's time as well. */
export function salesQuery({ shop, time }: Pick<ShopTools, "shop" | "time">) {
  return queryOptions({
    queryKey: ["sales"],
    queryFn: async ({ signal }) => {
      const listing = await shop.listFlashProducts(signal);
      time.hear(listing.heardMs);
      return listing;
    },
    staleTime: FRESH_MS,
  });
}

/** The sale to put on the front page: the one that is open and ends first. */
export function saleToShow(sales: readonly FlashSale[]): FlashSale | undefined {
  return sales.filter((sale) => sale.state === "open").sort((a, b) => Date.parse(a.ends_at) - Date.parse(b.ends_at))[0];
}
