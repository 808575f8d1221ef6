/**
 * One attempt to pay. Its idempotency key and its quote stay the same for as long as the outcome is not known, also over a reload, so that
 * asking again can never charge twice. What was typed is kept as a hash only.
 */
export interface Attempt {
  /** SHA-256 over what is being bought, by whom, and how it is paid. */
  readonly fingerprint: string;
  readonly key: string;
  readonly quote: string;
}

/** Where an attempt waits for its outcome. */
export interface AttemptStore {
  readonly read: () => Attempt | null;
  readonly keep: (attempt: Attempt) => void;
  readonly clear: () => void;
}

/** The attempt to make for `fingerprint`: the one that waits, if it is for the same thing, otherwise a new one. */
export function attemptFor(store: AttemptStore, fingerprint: string, quote: string, newKey: () => string): Attempt {
  const waiting = store.read();
  if (waiting !== null && waiting.fingerprint === fingerprint) return waiting;
  const attempt = { fingerprint, key: newKey(), quote };
  store.keep(attempt);
  return attempt;
}

/** SHA-256 in hex over the JSON of `parts`. */
export async function fingerprintOf(parts: unknown): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(parts)));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A store in the tab's session storage; where that is closed to us, the attempt lasts as long as the page. */
export function sessionStore(name: string): AttemptStore {
  const place = `russet.attempt.${name}`;
  let inMemory: Attempt | null = null;
  return {
    read: () => {
      try {
        return asAttempt(sessionStorage.getItem(place)) ?? inMemory;
      } catch {
        return inMemory;
      }
    },
    keep: (attempt) => {
      inMemory = attempt;
      try {
        sessionStorage.setItem(place, JSON.stringify(attempt));
      } catch {
        // Kept in memory already.
      }
    },
    clear: () => {
      inMemory = null;
      try {
        sessionStorage.removeItem(place);
      } catch {
        // Nothing was stored then.
      }
    },
  };
}

function asAttempt(text: string | null): Attempt | null {
  if (text === null) return null;
  try {
    const { fingerprint, key, quote } = JSON.parse(text) as Partial<Attempt>;
    return fingerprint && key && quote !== undefined ? { fingerprint, key, quote } : null;
  } catch {
    return null;
  }
}
