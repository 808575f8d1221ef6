/** A clock that only ever goes forward and has no date: milliseconds since the page was opened. */
type Monotonic = () => number;

/**
 * The shop's time. It comes from what the API says and a clock that nobody can set, never from the device's date: a countdown that
 * trusts a wrong device opens a sale at the wrong moment.
 *
 * An answer that waited in a cache makes the shop look younger than it is, never older. So of all that was heard, the latest time counts.
 */
export class ShopTime {
  private ahead: number | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly monotonic: Monotonic = () => performance.now()) {}

  /** Takes in the shop's time, in milliseconds since 1970, as an answer told it just now. What is not a time is passed over. */
  hear(shopMs: number): void {
    if (!Number.isFinite(shopMs)) return;
    const ahead = shopMs - this.monotonic();
    if (this.ahead !== null && ahead <= this.ahead) return;
    this.ahead = ahead;
    for (const listener of this.listeners) listener();
  }

  /** The shop's time in milliseconds since 1970; `null` before the shop has said it. */
  now(): number | null {
    return this.ahead === null ? null : this.ahead + this.monotonic();
  }

  /** Calls `listener` when the shop's time turns out to be later than it was taken for; the answer unsubscribes. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** The shop's time in an answer, in milliseconds: what its body says, or what its headers say where those are later. */
export function timeOfAnswer(serverTime: string, headers: Pick<Headers, "get">): number {
  const told = [serverTime, headers.get("Date") ?? ""].map((text) => Date.parse(text)).filter((ms) => !Number.isNaN(ms));
  const age = Number(headers.get("Age") ?? 0);
  return Math.max(...told, Number.NEGATIVE_INFINITY) + (age > 0 ? age * 1_000 : 0);
}
