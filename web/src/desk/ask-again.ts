import { ApiProblem } from "../api/problem";

/** How long to wait before the next look: `ms`, or the shop's own wait where it named a longer one, as it does when the key's limit is reached. */
export function askAgainMs(error: unknown, ms: number): number {
  const told = error instanceof ApiProblem ? (error.retryAfter ?? 0) * 1_000 : 0;
  return Math.max(told, ms);
}
