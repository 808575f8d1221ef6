import { lazy, Suspense } from "react";
import { ApiProblem } from "../api/problem";

// Only ever needed after an answer came, so that it can be fetched then.
const TryAgain = lazy(() => import("./TryAgain"));

/** What went wrong in words, what to do about it, and what to quote to support. */
export function ErrorNotice({ error, onRetry, title }: { readonly error: unknown; readonly onRetry?: () => void; readonly title?: string }) {
  const problem = error instanceof ApiProblem ? error : null;
  const words = problem?.message ?? "Something went wrong on this page. Please try again.";
  return (
    <div className="notice notice-danger" role="alert">
      {title ? <p className="notice-title">{title}</p> : null}
      <p>{words}</p>
      {problem?.retryAfter && !onRetry ? <p className="small">{`You can try again in ${waitWords(problem.retryAfter)}.`}</p> : null}
      {onRetry && problem?.retryAfter ? (
        <Suspense fallback={null}>
          <TryAgain key={problem.reference} seconds={problem.retryAfter} onTry={onRetry} />
        </Suspense>
      ) : null}
      {onRetry && !problem?.retryAfter ? (
        <button type="button" className="button button-quiet" onClick={onRetry}>
          Try again
        </button>
      ) : null}
      {problem?.reference ? <p className="reference">{`Reference ${problem.reference}`}</p> : null}
    </div>
  );
}

function waitWords(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
