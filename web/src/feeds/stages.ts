import type { FeedJob, FeedState } from "../api/shapes";
import { countWords, manyWords, sizeWords } from "../desk/words";

/** One stage of a feed on its way: how much of it is done (0 to 1, `null` where nobody knows yet), and that in words. */
export interface Stage {
  readonly name: string;
  readonly share: number | null;
  readonly words: string;
}

/** True when nothing more happens to the feed by itself. */
export function isOver(state: FeedState): boolean {
  return state === "done" || state === "refused" || state === "failed";
}

/** For how long a feed can be read again: its stock is not true for longer. */
const READ_AGAIN_MS = 24 * 60 * 60_000;

/** Whether a feed that is over can still be read again. That a later one came since, the shop alone knows. */
export function canBeReadAgain(job: FeedJob, nowMs: number): boolean {
  return nowMs - Date.parse(job.received_at) < READ_AGAIN_MS;
}

/** How many rows were judged: right, wrong, or said before. */
export function checkedRows({ counts }: FeedJob): number {
  return counts.accepted + counts.rejected + counts.merged;
}

/**
 * The four stages of a feed: received, read, checked, stored. `expected` is how many rows its sender counted, where they could; without
 * it the shares of a feed that is being read are unknown, since the job only says how many rows it has seen.
 */
export function stagesOf(job: FeedJob, expected: number | null): readonly Stage[] {
  const { counts, state } = job;
  // A feed that is refused because of its wrong rows was read to its end.
  const whole = state === "done" || job.refusal?.rule === "all_or_nothing";
  const total = whole ? counts.seen : expected === null ? null : Math.max(expected, counts.seen);
  const share = (rows: number) => (state === "done" ? 1 : state === "received" ? 0 : total === null ? (isOver(state) ? 0 : null) : total === 0 ? 0 : rows / total);
  const storing = job.world === "live" && !(job.all_or_nothing && state !== "done");
  return [
    { name: "Received", share: 1, words: sizeWords(job.bytes) },
    { name: "Read", share: share(counts.seen), words: manyWords(counts.seen, "row") },
    { name: "Checked", share: share(checkedRows(job)), words: checkedWords(job) },
    { name: "Stored", share: storing || state === "done" ? share(checkedRows(job)) : 0, words: storedWords(job) },
  ];
}

function checkedWords(job: FeedJob): string {
  const { accepted, rejected } = job.counts;
  return `${countWords(accepted)} right, ${countWords(rejected)} wrong`;
}

function storedWords(job: FeedJob): string {
  const { changed } = job.counts;
  if (job.world === "sandbox") return job.state === "done" ? `Nothing in the sandbox, ${countWords(changed)} would change` : "Nothing in the sandbox";
  if (job.all_or_nothing && !isOver(job.state)) return "When every row is right";
  return `${countWords(changed)} changed`;
}

/** How the feed stands, in one sentence that is read out when it changes. */
export function standing(job: FeedJob): string {
  const { seen, accepted, rejected } = job.counts;
  switch (job.state) {
    case "received":
      return "Received. It waits for its turn.";
    case "reading":
      return "It is being read and checked.";
    case "done":
      if (seen === 0) return "Done. The feed has no rows.";
      if (rejected === 0) return seen === 1 ? "Done. The one row is right." : `Done. All ${manyWords(seen, "row")} are right.`;
      return `Done. ${manyWords(accepted, "row is", "rows are")} right, ${countWords(rejected)} wrong.`;
    case "refused":
      return "Refused. The feed could not be taken.";
    case "failed":
      return "It failed on our side. Read it again, or ask us.";
  }
}

export const STATE_WORDS: Record<FeedState, string> = { received: "Waiting", reading: "Reading", done: "Done", refused: "Refused", failed: "Failed" };

/** How a state looks: over and good, over and bad, or still going. */
export function stateFlag(state: FeedState): string {
  if (state === "done") return "flag flag-leaf";
  return isOver(state) ? "flag flag-danger" : "flag";
}

/** How long to wait before asking a feed's job again: each second at first, and less often where it lasts, to stay within the key's limit. */
export function askAfterMs(waitedMs: number): number {
  return waitedMs < 20_000 ? 1_000 : 2_500;
}
