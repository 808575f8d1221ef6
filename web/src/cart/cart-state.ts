import type { Cart, CartLine } from "../api/shapes";

/** The cart as it will be once a line's quantity is `quantity` (0 removes it): shown at once, before the API has answered. */
export function withQuantity(cart: Cart, sku: string, quantity: number): Cart {
  const lines = cart.lines
    .map((line) => (line.sku === sku ? requantified(line, quantity) : line))
    .filter((line) => line.quantity > 0);
  return withLines(cart, lines);
}

function requantified(line: CartLine, quantity: number): CartLine {
  return { ...line, quantity, line_total: { ...line.line_total, amount: line.unit_price.amount * quantity } };
}

function withLines(cart: Cart, lines: CartLine[]): Cart {
  const buyable = lines.filter((line) => line.available);
  return {
    ...cart,
    lines,
    item_count: lines.reduce((count, line) => count + line.quantity, 0),
    subtotal: { ...cart.subtotal, amount: buyable.reduce((sum, line) => sum + line.line_total.amount, 0) },
  };
}

/** The lines that can be bought, as a quote asks for them. */
export function quoteItems(cart: Cart): { sku: string; quantity: number }[] {
  return cart.lines.filter((line) => line.available).map(({ sku, quantity }) => ({ sku, quantity }));
}

/** How far the cart is on its way to free delivery: a share from 0 to 1 and what is missing in minor units. */
export function towardsFreeDelivery(subtotal: number, from: number): { share: number; missing: number } {
  if (from <= 0 || subtotal >= from) return { share: 1, missing: 0 };
  return { share: subtotal / from, missing: from - subtotal };
}
