import type { Delivery, DeliveryState, DeliveryTry } from "../api/shapes";
import { exactWords } from "../desk/words";

const EVENT_WORDS: Readonly<Record<string, string>> = {
  "feed.ended": "A feed was read",
  "stock.applied": "A stock update was applied",
  "partner.live": "You went live",
  "webhook.test": "Test",
};

const TROUBLE_WORDS: Readonly<Record<string, string>> = {
  private_address: "The address is not on the open web",
  no_connection: "No connection",
  no_answer: "No complete answer",
  redirect: "It redirected; we do not follow",
  gone: "It answered 410 Gone",
};

/** How long we wait for an answer. */
const WAIT_MS = 15_000;

export const DELIVERY_WORDS: Record<DeliveryState, string> = { pending: "Waiting", delivered: "Delivered", failed: "Failed", cancelled: "Cancelled" };

/** What a delivery's state means for what comes next. */
export const DELIVERY_NOTES: Record<DeliveryState, string> = {
  pending: "We try again, ever less often, until your endpoint takes it or we give up.",
  delivered: "Your endpoint took it.",
  failed: "We gave up: every try failed, or your endpoint is gone. You can have it sent again.",
  cancelled: "There was no endpoint when its turn came. You can have it sent again.",
};

/** How a state looks: over and good, over and bad, over, or still going. */
export function deliveryFlag(state: DeliveryState): string {
  if (state === "delivered") return "flag flag-leaf";
  if (state === "failed") return "flag flag-danger";
  return state === "cancelled" ? "flag flag-soft" : "flag";
}

/** What happened, or the event's own name where it is one that these pages do not know yet. */
export function eventWords(type: string): string {
  return EVENT_WORDS[type] ?? type;
}

/** What it happened to, where the event names it: the file of a feed. */
export function eventSubject({ type, body }: Delivery): string | null {
  if (type !== "feed.ended") return null;
  try {
    const { data } = JSON.parse(body) as { data?: { file_name?: unknown } };
    return typeof data?.file_name === "string" ? data.file_name : null;
  } catch {
    return null;
  }
}

/** What came of one try. */
export function answerWords({ status, trouble, took_ms }: DeliveryTry): string {
  if (trouble === "no_answer" && took_ms >= WAIT_MS) return "No complete answer within 15 seconds";
  const words = TROUBLE_WORDS[trouble ?? ""];
  if (words !== undefined) return words;
  return status === null ? "No answer" : `Answered ${status}`;
}

export function lastAnswerWords({ tries }: Delivery): string {
  const last = tries.at(-1);
  return last ? answerWords(last) : "Not tried yet";
}

/** When the next try comes. One that is due is made in this moment. */
export function nextTryWords({ next_try_at }: Delivery, nowMs: number): string {
  if (next_try_at === null) return "None";
  return Date.parse(next_try_at) <= nowMs ? "Now" : exactWords(next_try_at);
}

/** A delivery's name among others: `A feed was read, teas.csv, 5 Jan 2026, 10:00:03`. */
export function deliveryName(delivery: Delivery): string {
  return [eventWords(delivery.type), eventSubject(delivery), exactWords(delivery.created_at)].filter((part) => part !== null).join(", ");
}

/** The body with line breaks, to be read. A body that is no JSON stays as it is. */
export function prettyBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** True when the endpoint that was set at `setAt` said that it is gone for good. */
export function saidGone({ tries }: Delivery, setAt: string | null): boolean {
  const last = tries.at(-1);
  return last?.trouble === "gone" && setAt !== null && Date.parse(last.at) >= Date.parse(setAt);
}

/** True when the test of the endpoint that was set at `setAt` is among the deliveries. */
export function hasTest(deliveries: readonly Delivery[], setAt: string): boolean {
  return deliveries.some(({ type, created_at }) => type === "webhook.test" && Date.parse(created_at) >= Date.parse(setAt));
}
