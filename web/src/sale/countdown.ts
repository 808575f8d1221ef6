/** A stretch of time in the parts that a countdown shows. */
export interface Parts {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** Whole seconds from `now` until `at`, both in milliseconds; a second that has begun counts, and what is past is 0. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1_000));
}

/** Milliseconds until the figure of [`secondsUntil`] changes next. */
export function untilNextTick(at: number, now: number): number {
  const left = at - now;
  return left <= 0 ? 1_000 : left % 1_000 || 1_000;
}

export function partsOf(seconds: number): Parts {
  return { days: Math.floor(seconds / 86_400), hours: Math.floor(seconds / 3_600) % 24, minutes: Math.floor(seconds / 60) % 60, seconds: seconds % 60 };
}

/** Two figures at least, so that a countdown keeps its width. */
export function twoFigures(value: number): string {
  return String(value).padStart(2, "0");
}

/** How coarsely a time is said, by how far it is: none is said twice within 15 seconds. */
const STEPS = [
  { upTo: 60, step: 15 },
  { upTo: 600, step: 60 },
  { upTo: 3_600, step: 300 },
  { upTo: 86_400, step: 1_800 },
  { upTo: Number.POSITIVE_INFINITY, step: 3_600 },
] as const;

/** A time as it is said to someone who listens: `less than 45 seconds`, `less than 2 hours and 30 minutes`. It changes every 15 seconds at most. */
export function spokenTime(seconds: number): string {
  if (seconds <= 0) return "no time";
  const step = STEPS.find((one) => seconds <= one.upTo)?.step ?? 3_600;
  const { days, hours, minutes, seconds: rest } = partsOf(Math.ceil(seconds / step) * step);
  const said = [counted(days, "day"), counted(hours, "hour"), counted(minutes, "minute"), counted(rest, "second")].filter((part) => part !== "");
  return `less than ${said.join(" and ")}`;
}

function counted(amount: number, unit: string): string {
  if (amount === 0) return "";
  return amount === 1 ? `1 ${unit}` : `${amount} ${unit}s`;
}

/** How long a wait will probably be, as people say it: `about 2 minutes`. Waits are rounded up, so that most people are pleased. */
export function waitWords(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return "we cannot say yet";
  if (seconds <= 10) return "a few seconds";
  if (seconds <= 50) return `about ${Math.ceil(seconds / 10) * 10} seconds`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return minutes === 1 ? "about a minute" : `about ${minutes} minutes`;
  const halves = Math.ceil(minutes / 30);
  if (halves === 2) return "about an hour";
  return `about ${halves % 2 === 0 ? halves / 2 : `${Math.floor(halves / 2)}½`} hours`;
}
