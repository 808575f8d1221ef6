import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { vi } from "vitest";
import type { Shop } from "../src/api/client";
import { makeQueryClient, Pages } from "../src/app/App";
import type { Cart, CartLine, Order, Product, ProductPage, ProductSummary, Quote } from "../src/api/shapes";
import { ShopProvider } from "../src/app/shop-context";
import { CartDrawerProvider } from "../src/cart/cart";
import { SessionKey } from "../src/privacy/session-key";
import { Prepared } from "../src/sale/prepared";
import { ShopTime } from "../src/sale/shop-time";
import { NoticeProvider } from "../src/ui/notices";
import { aListing, aPlace } from "./flash";

export const dollars = (amount: number) => ({ amount, currency: "USD" });

export function aSummary(part: Partial<ProductSummary> = {}): ProductSummary {
  return {
    id: "whole-chamomile", name: "Whole Chamomile", brand: "Hollin", category: "teas", image_url: "/pictures/whole-chamomile.svg", image_alt: "A tin",
    price: "12.50", price_money: dollars(1250), compare_at_money: null, price_varies: false, stock_level: "in", default_sku: "TEA-1", variant_count: 1, tags: ["organic"], ...part,
  };
}

export function aPage(items: ProductSummary[], part: Partial<ProductPage> = {}): ProductPage {
  const facet = (value: string, label: string, count: number) => ({ value, label, count });
  return {
    items, next_cursor: null, total: items.length, corrected_query: null,
    facets: { category: [facet("teas", "Teas", 7)], brand: [facet("Hollin", "Hollin", 7)], tag: [facet("organic", "organic", 3)] }, ...part,
  };
}

export function aProduct(part: Partial<Product> = {}): Product {
  const variant = { name: "60 g", options: { Size: "60 g" }, price: "12.50", price_money: dollars(1250), compare_at_money: null, weight_grams: 60, image_url: null, stock_quantity: 40, stock_level: "in" as const };
  return {
    id: "whole-chamomile", name: "Whole Chamomile", description: "Whole flowers.\n\nFrom one field.", brand: "Hollin", category: "teas", category_label: "Teas", tags: ["organic"],
    attributes: { Origin: "Picked in Hungary" }, images: [{ url: "/pictures/whole-chamomile.svg", alt: "A tin" }], image_url: "/pictures/whole-chamomile.svg", price: "12.50",
    price_money: dollars(1250), compare_at_money: null, currency: "USD", stock_quantity: 43, stock_level: "in", status: "active",
    variants: [{ sku: "TEA-1", ...variant }, { sku: "TEA-2", ...variant, name: "120 g", options: { Size: "120 g" }, price: "16.00", price_money: dollars(1600), stock_quantity: 3, stock_level: "low" }],
    created_at: "2026-01-05T10:00:00.000Z", updated_at: "2026-01-05T10:00:00.000Z", version: 1, ...part,
  };
}

export function aLine(part: Partial<CartLine> = {}): CartLine {
  return {
    sku: "TEA-1", product_id: "whole-chamomile", name: "Whole Chamomile", variant: "60 g", quantity: 2, price: "12.50", unit_price: dollars(1250),
    line_total: dollars(2500), image_url: "/pictures/whole-chamomile.svg", stock_level: "in", available: true, ...part,
  };
}

export function aCart(lines: CartLine[]): Cart {
  return {
    id: "cart", lines, item_count: lines.reduce((count, line) => count + line.quantity, 0),
    subtotal: dollars(lines.filter((line) => line.available).reduce((sum, line) => sum + line.line_total.amount, 0)), currency: "USD", version: 1,
  };
}

export function aQuote(part: Partial<Quote> = {}): Quote {
  return {
    quote: "signed", expires_at: new Date(Date.now() + 900_000).toISOString(),
    lines: [{ sku: "TEA-1", product_id: "whole-chamomile", name: "Whole Chamomile", variant: "60 g", quantity: 2, image_url: "/p.svg", price: "12.50", unit_price: dollars(1250), line_total: dollars(2500), discount: dollars(0), tax: dollars(0) }],
    subtotal: dollars(2500), discount: dollars(0), shipping: dollars(495), tax: dollars(0), total: dollars(2995), total_amount: "29.95", currency: "USD", country: "US",
    tax_rate_basis_points: 0, shipping_method: "standard", shipping_options: [{ id: "standard", label: "Standard", price: dollars(495), days_min: 2, days_max: 4 }, { id: "express", label: "Express", price: dollars(1290), days_min: 1, days_max: 1 }],
    promotions: [], free_shipping_from: dollars(6000), ...part,
  };
}

export function anOrder(part: Partial<Order> = {}): Order {
  return {
    id: "01order", status: "processing", state: "paid", version: 3, placed_at: "2026-01-05T10:00:00.000Z", expires_at: null,
    lines: [{ ...aQuote().lines[0]!, packed: 0, shipped: 0, delivered: 0 }], subtotal: dollars(2500), discount: dollars(0), shipping: dollars(495), tax: dollars(0), total: dollars(2995),
    total_amount: "29.95", currency: "USD", country: "US", shipping_method: "standard", customer_email: "a•••@example.com",
    address: { name: "A•••", line1: "•••", city: "Springfield", postal_code: "•••", country: "US" },
    payment: { state: "captured", method: "card", amount: dollars(2995), refunded: dollars(0), calls: 1, card: { brand: "visa", last4: "4242", exp_month: 12, exp_year: 2030 }, action: null },
    parcels: [], promotions: [],
    events: [{ version: 1, type: "placed", at: "2026-01-05T10:00:00.000Z", by: "customer" }, { version: 2, type: "payment_started", at: "2026-01-05T10:00:00.500Z", by: "system" }, { version: 3, type: "paid", at: "2026-01-05T10:00:01.000Z", by: "system" }],
    allowed_actions: ["cancel"], sealed: null, ...part,
  };
}

/** A shop whose answers a test sets; what it does not set is the plainest answer there is. */
export function aShop(part: Partial<Shop> = {}) {
  const cart = aCart([aLine()]);
  const shop: Shop = {
    listProducts: async () => aPage([aSummary()]),
    getProduct: async () => aProduct(),
    recommendProducts: async () => ({ items: [aSummary({ id: "other", name: "Other Tea" })], basis: "similar" }),
    getCart: async () => cart,
    addCartItem: async () => cart,
    changeCartItem: async () => cart,
    removeCartItem: async () => aCart([]),
    quoteOrder: async () => aQuote(),
    listPaymentMethods: async () => [{ id: "card", label: "Card", kind: "token", description: "A card.", fields: [] }],
    placeOrder: async () => anOrder(),
    payOrder: async () => anOrder(),
    cancelOrder: async () => anOrder({ state: "cancelled", status: "cancelled", allowed_actions: [] }),
    getOrder: async () => anOrder(),
    listOrders: async () => ({ items: [], next_cursor: null }),
    listFlashProducts: async () => heard(aListing([])),
    flashCheckout: async () => anOrder(),
    joinQueue: async () => aPlace(),
    getQueuePlace: async () => aPlace(),
    ...part,
  };
  return Object.fromEntries(Object.entries(shop).map(([name, call]) => [name, vi.fn(call as never)])) as unknown as { [Name in keyof Shop]: Shop[Name] & ReturnType<typeof vi.fn> };
}

/** A listing of sales as the client hands it on: with the time at which it was said. */
export function heard<T extends { server_time: string }>(listing: T): T & { heardMs: number } {
  return { ...listing, heardMs: Date.parse(listing.server_time) };
}

/** Opens the pages at `address` with `shop` behind them. */
export function openAt(address: string, shop: Shop, environment = "local") {
  const sessionKey = new SessionKey();
  const tools = { shop, config: { apiUrl: "", environment }, sessionKey, time: new ShopTime(), prepared: new Prepared(sessionKey) };
  const view = render(
    <ShopProvider value={tools}>
      <QueryClientProvider client={makeQueryClient()}>
        <MemoryRouter initialEntries={[address]} useTransitions={false}>
          <NoticeProvider>
            <CartDrawerProvider>
              <Pages />
            </CartDrawerProvider>
          </NoticeProvider>
        </MemoryRouter>
      </QueryClientProvider>
    </ShopProvider>,
  );
  return { ...view, ...tools };
}
