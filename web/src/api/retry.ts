/** When to ask again, and how long to wait before. The page's only layer of retries. */
export interface RetryPolicy {
  /** Calls in all, the first included. */
  readonly attempts: number;
  /** How often a request whose twin is still running is asked again. */
  readonly inFlightAttempts: number;
  /** First backoff, in milliseconds; it doubles with each further one. */
  readonly baseMs: number;
  /** No backoff is longer than this, in milliseconds. */
  readonly capMs: number;
  /** A server that wants a longer pause than this is not waited for: the person is told instead. */
  readonly patienceMs: number;
}

export const RETRY_POLICY: RetryPolicy = { attempts: 4, inFlightAttempts: 10, baseMs: 250, capMs: 4_000, patienceMs: 4_000 };

/** What a call came to: an HTTP status with the server's `Retry-After` in milliseconds, or status 0 for a network failure. */
export interface Outcome {
  readonly status: number;
  readonly retryAfterMs: number | null;
}

/** Milliseconds to wait before the next call, or `null` to stop. `made` counts the calls so far; `random` is in [0, 1). */
export function nextWait(policy: RetryPolicy, outcome: Outcome, made: number, random: () => number): number | null {
  if (outcome.status === 409) {
    const again = outcome.retryAfterMs !== null && made < policy.inFlightAttempts;
    return again ? patiently(policy, outcome.retryAfterMs ?? 0) : null;
  }
  if (!isTransient(outcome.status) || made >= policy.attempts) return null;
  const backoff = random() * Math.min(policy.capMs, policy.baseMs * 2 ** (made - 1));
  return patiently(policy, Math.max(Math.ceil(backoff), outcome.retryAfterMs ?? 0));
}

function patiently(policy: RetryPolicy, wait: number): number | null {
  return wait <= policy.patienceMs ? wait : null;
}

function isTransient(status: number): boolean {
  return status === 0 || status === 429 || status === 502 || status === 503 || status === 504;
}

/** True when sending the request twice has the effect of sending it once. */
export function isRepeatable(request: Request): boolean {
  return ["GET", "HEAD", "PUT", "DELETE"].includes(request.method) || request.headers.has("Idempotency-Key");
}

/** `Retry-After` in milliseconds, from its seconds or its date; `null` when there is none that can be read. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null || header.trim() === "") return null;
  if (/^\d+$/.test(header.trim())) return Number(header.trim()) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** What the retrying fetch needs from the world. */
export interface RetryWorld {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly now: () => number;
}

/**
 * A fetch that asks again as the policy says, and hands the last answer on. An aborted request stops at once. A 429 says that this call
 * did nothing, and nothing of the call before: where that one may have worked, its own outcome is handed on.
 */
export function retryingFetch(world: RetryWorld, policy: RetryPolicy = RETRY_POLICY) {
  return async (request: Request): Promise<Response> => {
    let open: Answer | null = null;
    for (let made = 1; ; made += 1) {
      const answer = await attempt(world, request);
      const outcome = outcomeOf(answer, world.now());
      const wait = isRepeatable(request) ? nextWait(policy, outcome, made, world.random) : null;
      if (wait === null) return settle(outcome.status === 429 && open !== null ? open : answer);
      if (outcome.status === 0 || outcome.status >= 500) open = answer;
      await world.sleep(wait, request.signal);
    }
  };
}

type Answer = Response | { readonly failure: unknown };

async function attempt(world: RetryWorld, request: Request): Promise<Answer> {
  try {
    return await world.fetch(request.clone());
  } catch (failure) {
    if (request.signal.aborted) throw failure;
    return { failure };
  }
}

function outcomeOf(answer: Answer, now: number): Outcome {
  if (!(answer instanceof Response)) return { status: 0, retryAfterMs: null };
  return { status: answer.status, retryAfterMs: retryAfterMs(answer.headers.get("Retry-After"), now) };
}

function settle(answer: Answer): Response {
  if (answer instanceof Response) return answer;
  throw answer.failure;
}

/** Resolves after `ms`; rejects at once when `signal` aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      signal.removeEventListener("abort", aborted);
      resolve();
    }
    function aborted() {
      clearTimeout(timer);
      reject(signal.reason as Error);
    }
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted, { once: true });
  });
}
