import type { ApiProblem } from "../api/problem";
import { ErrorNotice } from "../ui/ErrorNotice";
import TryAgain from "../ui/TryAgain";
import { FaultSummary } from "./FaultSummary";
import type { FormFault } from "./form";

/** What stands above the form after a try that did not end in an order. */
export type Trouble =
  /** The form needs mending. */
  | { readonly kind: "faults" }
  /** What is bought costs something else by now. */
  | { readonly kind: "repriced"; readonly total: string }
  /** Nothing was begun; the same order may be sent again after a while. */
  | { readonly kind: "later"; readonly problem: ApiProblem }
  /** Nobody can say yet what became of it; sending the same again is safe. */
  | { readonly kind: "unsure"; readonly problem: ApiProblem }
  /** Refused, with the shop's reason. */
  | { readonly kind: "refused"; readonly problem: ApiProblem };

/** Says what happened to the try, and what to do next. */
export default function TroubleNotice({ trouble, faults, onAskAgain, busy }: { readonly trouble: Trouble; readonly faults: readonly FormFault[]; readonly onAskAgain: () => void; readonly busy: boolean }) {
  switch (trouble.kind) {
    case "faults":
      return <FaultSummary faults={faults} />;
    case "repriced":
      return (
        <div className="notice" role="alert">
          <p className="notice-title">{`The total is now ${trouble.total}`}</p>
          <p>Something changed while you were here. Nothing was charged. Look at the sum, and pay again if it suits you.</p>
        </div>
      );
    case "later":
      return (
        <div className="notice" role="alert">
          <p className="notice-title">{trouble.problem.status === 429 ? "A little too fast" : "Payments are resting"}</p>
          <p>{trouble.problem.message}</p>
          <p>Nothing was charged. Your bag and what you filled in stay as they are, and trying again sends the same order, never a second one.</p>
          <TryAgain key={trouble.problem.reference} seconds={trouble.problem.retryAfter} onTry={onAskAgain} disabled={busy} />
          <Reference problem={trouble.problem} />
        </div>
      );
    case "unsure":
      return (
        <div className="notice" role="alert">
          <p className="notice-title">We have not heard how your payment went</p>
          <p>{trouble.problem.message}</p>
          <p>Asking again is safe: it is the same payment, and you are never charged twice for it.</p>
          <button type="button" className="button" onClick={onAskAgain} disabled={busy}>
            Ask again
          </button>
          <Reference problem={trouble.problem} />
        </div>
      );
    case "refused":
      return <ErrorNotice error={trouble.problem} />;
  }
}

function Reference({ problem }: { readonly problem: ApiProblem }) {
  return problem.reference ? <p className="reference">{`Reference ${problem.reference}`}</p> : null;
}
