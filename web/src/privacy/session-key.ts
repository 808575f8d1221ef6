/** The cryptography is loaded when the first order is looked at: a visitor who only browses never needs it. */
const loadJwe = () => import("./jwe");

/** Personal data stays readable for this long after the last sign of a person. */
export const IDLE_MS = 15 * 60 * 1_000;

/** What the session key needs from the world. */
export interface SessionKeyWorld {
  readonly now: () => number;
  /** Runs `task` after `ms`; the answer cancels it. */
  readonly later: (task: () => void, ms: number) => () => void;
}

/**
 * The page's own key for personal data. It is made on the first need, dropped after 15 idle minutes, and made anew on the
 * next request; what was sealed to a dropped key can never be read again.
 */
export class SessionKey {
  private current: Promise<{ privateKey: CryptoKey; header: string }> | null = null;
  private lastSign = 0;
  private cancelTimer: (() => void) | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly world: SessionKeyWorld = browserWorld) {}

  /** The value of the `Session-Key` header. Makes a key if there is none. */
  async header(): Promise<string> {
    this.dropIfIdle();
    if (this.current === null) {
      this.current = loadJwe().then(({ makeSessionKey }) => makeSessionKey());
      this.noteActivity();
      this.tell();
    }
    return (await this.current).header;
  }

  /** The text sealed to the current key. Rejects when that key is gone. */
  async open(sealed: string): Promise<string> {
    this.dropIfIdle();
    if (this.current === null) throw new Error("the session's key has lapsed");
    const { privateKey } = await this.current;
    return (await loadJwe()).openSealed(sealed, privateKey);
  }

  /** True while there is a key, and so while personal data may be shown. */
  readonly isLive = (): boolean => this.current !== null;

  /** A person did something: the 15 minutes begin again. */
  readonly noteActivity = (): void => {
    if (this.current === null || this.dropIfIdle()) return;
    this.lastSign = this.world.now();
    this.cancelTimer ??= this.world.later(this.check, IDLE_MS);
  };

  /** Calls `listener` whenever a key is made or dropped; the answer unsubscribes. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Drops the key at once if the person has been away for too long. */
  readonly dropIfIdle = (): boolean => {
    if (this.current === null || this.lastSign === 0 || this.world.now() - this.lastSign < IDLE_MS) return false;
    this.current = null;
    this.lastSign = 0;
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.tell();
    return true;
  };

  private readonly check = (): void => {
    this.cancelTimer = null;
    if (this.dropIfIdle() || this.current === null) return;
    this.cancelTimer = this.world.later(this.check, Math.max(1_000, this.lastSign + IDLE_MS - this.world.now()));
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const browserWorld: SessionKeyWorld = {
  now: () => Date.now(),
  later: (task, ms) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** Feeds a person's signs of life to the key. A page that wakes from sleep is judged before it shows anything. */
export function watchActivity(key: SessionKey, target: Document): void {
  for (const sign of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    target.addEventListener(sign, key.noteActivity, { passive: true, capture: true });
  }
  target.addEventListener("visibilitychange", () => {
    if (target.visibilityState === "visible") key.dropIfIdle();
  });
}
