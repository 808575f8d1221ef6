import type { FlashItem, FlashSale } from "../api/shapes";

/** Where a sale stands at a moment of the shop's time. */
export type Standing = "upcoming" | "open" | "over";

/**
 * Where the sale stands at `now`, in milliseconds of the shop's time. Its times decide, because the listing may be half a minute old;
 * only a sale that the shop says is over is over, whatever its times say.
 */
export function standingAt(sale: FlashSale, now: number): Standing {
  if (sale.state === "over" || now >= Date.parse(sale.ends_at)) return "over";
  return now >= Date.parse(sale.starts_at) ? "open" : "upcoming";
}

/** The next moment at which the sale stands differently, in milliseconds of the shop's time; `null` once it is over. */
export function nextTurn(sale: FlashSale, now: number): number | null {
  const standing = standingAt(sale, now);
  if (standing === "over") return null;
  return Date.parse(standing === "open" ? sale.ends_at : sale.starts_at);
}

/** The sales in the order that matters to a shopper: what is open, what comes next, what is over. */
export function inOrder(sales: readonly FlashSale[], now: number): FlashSale[] {
  const rank = { open: 0, upcoming: 1, over: 2 } as const;
  const turn = (sale: FlashSale) => nextTurn(sale, now) ?? -Date.parse(sale.ends_at);
  return [...sales].sort((a, b) => rank[standingAt(a, now)] - rank[standingAt(b, now)] || turn(a) - turn(b));
}

/** True when nothing of the item is left, as far as the listing knows. */
export function isGone(item: FlashItem): boolean {
  return item.stock.level === "out" || item.stock.remaining <= 0;
}

/** How many one shopper may take at once: the sale's limit, and no more than there are. */
export function mostOf(sale: FlashSale, item: FlashItem): number {
  return Math.max(1, Math.min(sale.limit_per_customer, item.stock.remaining));
}

/** How much of the price comes off, in whole per cent, never more than it is. */
export function percentOff(item: FlashItem): number {
  if (item.was_price.amount <= item.price.amount) return 0;
  return Math.floor((1 - item.price.amount / item.was_price.amount) * 100);
}
