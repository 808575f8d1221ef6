import type { Order, Quote } from "../api/shapes";
import { formatMoney } from "../money/money";

type Priced = Pick<Quote | Order, "subtotal" | "discount" | "shipping" | "tax" | "total" | "promotions" | "shipping_method">;

/** Sums that explain themselves: goods, what comes off and why, delivery, tax, and what is charged. */
export function Totals({ priced, taxRate }: { readonly priced: Priced; readonly taxRate?: number }) {
  const reduction = priced.promotions.filter((promotion) => promotion.kind !== "free_shipping");
  const freeDelivery = priced.promotions.find((promotion) => promotion.kind === "free_shipping");
  return (
    <dl className="totals figures">
      <div>
        <dt>Goods</dt>
        <dd>{formatMoney(priced.subtotal)}</dd>
      </div>
      {reduction.map((promotion) => (
        <div key={promotion.code} className="totals-less">
          <dt>{promotion.label ? `${promotion.label} (${promotion.code})` : `Coupon ${promotion.code}`}</dt>
          <dd>{formatMoney({ ...promotion.amount, amount: -promotion.amount.amount })}</dd>
        </div>
      ))}
      {reduction.length === 0 && priced.discount.amount > 0 ? (
        <div className="totals-less">
          <dt>Reduction</dt>
          <dd>{formatMoney({ ...priced.discount, amount: -priced.discount.amount })}</dd>
        </div>
      ) : null}
      <div>
        <dt>{`${priced.shipping_method === "express" ? "Express delivery" : "Delivery"}${freeDelivery ? ` (${freeDelivery.code})` : ""}`}</dt>
        <dd>{priced.shipping.amount === 0 ? "Free" : formatMoney(priced.shipping)}</dd>
      </div>
      <div>
        <dt>{taxRate === undefined ? "Tax" : `Tax (${percent(taxRate)})`}</dt>
        <dd>{formatMoney(priced.tax)}</dd>
      </div>
      <div className="totals-all">
        <dt>Total</dt>
        <dd>{formatMoney(priced.total)}</dd>
      </div>
    </dl>
  );
}

/** Basis points as a percentage: 1900 → `19%`, 725 → `7.25%`. */
export function percent(basisPoints: number): string {
  return `${Number((basisPoints / 100).toFixed(2))}%`;
}
