import type { Order, OrderEvent, OrderState } from "../api/shapes";

/** Where an order is, in a word or two. */
export const STATE_WORDS: Record<OrderState, string> = {
  pending_payment: "Waiting for payment",
  paid: "Paid",
  packed: "Packed",
  shipped: "On its way",
  delivered: "Delivered",
  partially_returned: "Partly returned",
  returned: "Returned",
  cancelled: "Cancelled",
  expired: "Lapsed",
  declined: "Payment declined",
};

/** How the state is coloured: still going, done well, or over. */
export function stateTone(state: OrderState): "going" | "good" | "over" {
  if (["delivered", "paid", "packed", "shipped"].includes(state)) return "good";
  return ["cancelled", "expired", "declined", "returned"].includes(state) ? "over" : "going";
}

const EVENT_WORDS: Readonly<Record<string, string>> = {
  placed: "You placed the order",
  held: "Your things are set aside for you",
  payment_undecided: "The bank has not answered yet",
  errand_given: "The next step of the payment is yours",
  payment_left: "You chose another way to pay",
  errand_done: "You approved the payment",
  paid: "Paid",
  payment_declined: "The bank declined the payment",
  declined: "The order ended, because it was not paid",
  expired: "Lapsed, because no payment came in time",
  cancelled: "Cancelled",
  packed: "Packed",
  shipped: "Handed to the carrier",
  delivered: "Delivered",
  refund_requested: "Your refund is being sent back",
  refunded: "Refunded",
};

/** What only matters to the machinery. */
const NOT_TOLD = ["payment_started", "payment_retried", "taken_over"];

/** An event as people speak of it. One that is new to this page is told by its own name. */
export function eventWords(type: string): string {
  return EVENT_WORDS[type] ?? capitalised(type.replaceAll("_", " ").replaceAll("-", " "));
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** One line of an order's story: what happened and when, or, without `at`, what comes next. */
export interface Moment {
  readonly key: string;
  readonly words: string;
  readonly detail: string | null;
  readonly at: string | null;
}

const ROAD = ["paid", "packed", "shipped", "delivered"] as const;
const AHEAD: Record<(typeof ROAD)[number], string> = {
  paid: "Payment",
  packed: "We pack it",
  shipped: "It leaves for you",
  delivered: "It arrives",
};

/** The whole story of an order: what has happened, then what has not happened yet. */
export function story(order: Order): Moment[] {
  const past = order.events.filter((event) => !NOT_TOLD.includes(event.type)).map((event) => ({
    key: `event-${event.version}-${event.type}`,
    words: eventWords(event.type),
    detail: detailOf(event, order),
    at: event.at,
  }));
  return [...past, ...ahead(order)];
}

function ahead(order: Order): Moment[] {
  const done = (ROAD as readonly string[]).indexOf(order.state);
  if (done < 0 && order.state !== "pending_payment") return [];
  return ROAD.slice(done + 1).map((step) => ({ key: `ahead-${step}`, words: AHEAD[step], detail: null, at: null }));
}

function detailOf(event: OrderEvent, order: Order): string | null {
  const aboutOneParcel = ["packed", "delivered"].includes(event.type) && order.parcels.length < 2;
  return aboutOneParcel ? null : (event.text ?? null);
}

/** What the shopper may expect now, in a sentence or two. */
export function nextWords(order: Order, timeOf: (time: string) => string): string {
  switch (order.state) {
    case "pending_payment":
      if (order.payment?.state === "processing" || order.payment?.state === "authorized") {
        return "The bank has not answered yet. You need do nothing: this page tells you as soon as it has, and you are never charged twice.";
      }
      if (order.payment?.action) {
        const step = order.payment.action.type === "redirect" ? "Approve the payment, and come back here" : "Send the exact amount to the address";
        return order.expires_at ? `${step}, by ${timeOf(order.expires_at)}. Until then your things are set aside.` : `${step}.`;
      }
      return order.expires_at ? `Pay by ${timeOf(order.expires_at)}, and we set your things aside. After that the order lapses.` : "The order waits for your payment.";
    case "paid":
      return "We pack it next. Until then you can still cancel.";
    case "packed":
      return "Your parcel stands at the door. The carrier takes it next.";
    case "shipped":
      return "Your parcel is on its way to you.";
    case "delivered":
      return "It should be with you. If something is not right, write to us within 30 days.";
    case "cancelled":
      if (order.payment?.state === "refunded") return "Nothing more comes. Your money went back the way you paid; it can take a few days to show.";
      return isRefunding(order) ? "Nothing more comes. Your money is on its way back, which can take a few days." : "Nothing more comes, and nothing is charged.";
    case "expired":
      return "No payment came in time, so the order lapsed. Nothing was charged.";
    case "declined":
      return "The payment did not go through, so nothing was charged and nothing comes. Your bag is as you left it.";
    case "partially_returned":
      return "Part of the order came back to us.";
    case "returned":
      return "Everything came back to us.";
  }
}

function isRefunding(order: Order): boolean {
  return order.payment !== null && (order.payment.refunded.amount > 0 || ["captured", "partially_refunded", "refunded"].includes(order.payment.state));
}

/** True while the outcome of the payment may still arrive by itself. */
export function isUndecided(order: Order): boolean {
  if (order.state !== "pending_payment") return false;
  return order.payment?.state === "processing" || order.payment?.state === "authorized" || order.payment?.action?.type === "transfer";
}

/** A time as people write it: `5 January 2026, 10:00`. */
export function timeWords(time: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" }).format(new Date(time));
}

/** A day as people write it. */
export function dayOf(time: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(new Date(time));
}
