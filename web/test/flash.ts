import type { FlashItem, FlashListing, FlashSale, QueuePlace } from "../src/api/shapes";

const dollars = (amount: number) => ({ amount, currency: "USD" });

export function aFlashItem(part: Partial<FlashItem> = {}): FlashItem {
  return {
    sku: "TEA-1", product_id: "whole-chamomile", name: "Whole Chamomile", variant: "60 g", image_url: "/pictures/whole-chamomile.svg",
    price: dollars(800), was_price: dollars(1250), stock: { level: "in", remaining: 40 }, ...part,
  };
}

export function aFlashSale(part: Partial<FlashSale> = {}): FlashSale {
  return {
    id: "sale-1", name: "The chamomile hour", state: "open", starts_at: "2026-11-27T10:00:00.000Z", ends_at: "2026-11-27T11:00:00.000Z",
    limit_per_customer: 2, waiting_room: false, items: [aFlashItem()], ...part,
  };
}

/** The sales as they are told at half past ten, half an hour before the plain sale ends. */
export function aListing(sales: FlashSale[], serverTime = "2026-11-27T10:30:00.000Z"): FlashListing {
  return { server_time: serverTime, sales };
}

export function aPlace(part: Partial<QueuePlace> = {}): QueuePlace {
  return { ticket: "ticket-1", position: 128, ahead: 127, admitted: false, eta_seconds: 95, poll_after_seconds: 5, server_time: "2026-11-27T10:30:00.000Z", ...part };
}
