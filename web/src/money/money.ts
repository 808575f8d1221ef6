/** An amount in a currency's minor units, exactly as the API states it. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** How many decimal places the currency has: 2 for USD, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** The exact decimal text of minor units: `decimalText(1999, 2)` is `"19.99"`. No floating point on the way. */
export function decimalText(amount: number, digits: number): string {
  const sign = amount < 0 ? "-" : "";
  const units = Math.abs(amount).toFixed(0).padStart(digits + 1, "0");
  return digits === 0 ? sign + units : `${sign}${units.slice(0, -digits)}.${units.slice(-digits)}`;
}

/** Money as the reader writes it: `$19.99`, `19,99 €`. Whole amounts keep their cents, so that columns line up. */
export function formatMoney(money: Money, locale: string | undefined = undefined): string {
  const text = decimalText(money.amount, minorDigits(money.currency));
  // Decimal strings are formatted exactly; the DOM library's type does not say so yet.
  return new Intl.NumberFormat(locale, { style: "currency", currency: money.currency }).format(text as unknown as number);
}

/** `a + b`. Throws on two currencies, which is a defect of the caller. */
export function addMoney(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new Error(`cannot add ${a.currency} and ${b.currency}`);
  return { amount: a.amount + b.amount, currency: a.currency };
}
