import type { Quote } from "../api/shapes";
import type { Money } from "../money/money";

/** What a purchase in a sale comes to with delivery and tax. */
export interface Estimate {
  readonly total: Money;
  readonly shipping: Money;
  readonly taxBasisPoints: number;
}

/**
 * About what `goods` come to, from a quote for the same things at their usual price; `null` where that quote cannot tell. The sale prices
 * an order only while it is bought, so that its price cannot be carried off in a quote: the shopper sees "about" until the order says it.
 */
export function estimateOf(goods: Money, quote: Pick<Quote, "shipping_options" | "free_shipping_from" | "tax_rate_basis_points" | "currency">): Estimate | null {
  const standard = quote.shipping_options.find((option) => option.id === "standard") ?? quote.shipping_options[0];
  if (standard === undefined || quote.currency !== goods.currency) return null;
  const free = quote.free_shipping_from != null && goods.amount >= quote.free_shipping_from.amount;
  // Free only because the usual price is higher: what it costs otherwise is not said.
  if (standard.price.amount === 0 && !free) return null;
  const shipping = free ? 0 : standard.price.amount;
  const tax = Math.round(((goods.amount + shipping) * quote.tax_rate_basis_points) / 10_000);
  const money = (amount: number): Money => ({ amount, currency: goods.currency });
  return { total: money(goods.amount + shipping + tax), shipping: money(shipping), taxBasisPoints: quote.tax_rate_basis_points };
}
