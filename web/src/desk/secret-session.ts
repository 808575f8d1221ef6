import { useSyncExternalStore } from "react";

/** Who is signed in on this tab: the secret they came with, or the words to tell them why they are not. */
export interface SignedIn {
  readonly secret: string | null;
  readonly told: string | null;
}

/**
 * A key or token, kept for this tab alone and gone with it. It stands in the tab's session storage under `name`, or in memory where
 * storage is closed to us; never in an address.
 */
export class SecretSession {
  private state: SignedIn;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly name: string) {
    this.state = { secret: stored(name), told: null };
  }

  readonly now = (): SignedIn => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly begin = (secret: string): void => {
    keep(this.name, secret);
    this.change({ secret, told: null });
  };

  /** Forgets the secret; `told` are the words that the sign-in page then shows. */
  readonly end = (told: string | null = null): void => {
    keep(this.name, null);
    this.change({ secret: null, told });
  };

  private change(next: SignedIn): void {
    this.state = next;
    for (const listener of this.listeners) listener();
  }
}

/** Who is signed in, as it changes. */
export function useSignedIn(session: SecretSession): SignedIn {
  return useSyncExternalStore(session.subscribe, session.now);
}

function stored(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    // Storage may be closed to us; whoever comes then signs in once more after a reload.
    return null;
  }
}

function keep(name: string, secret: string | null): void {
  try {
    if (secret === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, secret);
  } catch {
    // Storage may be closed to us; the secret then lasts as long as the page.
  }
}
