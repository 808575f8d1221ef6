import type { CheckoutForm } from "../checkout/form";
import type { SessionKey } from "../privacy/session-key";

/**
 * What a shopper chose once, so that one tap buys: e-mail, address and payment. It stays in the memory of this page alone and goes with
 * the session's key: after 15 idle minutes, or with the window. No storage of the browser holds any of it.
 */
export class Prepared {
  private details: CheckoutForm | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly sessionKey: Pick<SessionKey, "header" | "isLive" | "subscribe">) {
    sessionKey.subscribe(() => {
      if (!sessionKey.isLive()) this.forget();
    });
  }

  /** Keeps the details, and makes the session's key now, so that the purchase need not wait for it. */
  readonly keep = async (details: CheckoutForm): Promise<void> => {
    await this.sessionKey.header();
    this.set(details);
  };

  readonly forget = (): void => this.set(null);

  /** The details, or `null` while nothing is prepared. */
  readonly read = (): CheckoutForm | null => this.details;

  /** Calls `listener` whenever the details change; the answer unsubscribes. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(details: CheckoutForm | null): void {
    if (this.details === details) return;
    this.details = details;
    for (const listener of this.listeners) listener();
  }
}
