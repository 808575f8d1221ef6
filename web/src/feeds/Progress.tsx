import type { FeedJob } from "../api/shapes";
import { stagesOf, standing } from "./stages";

/** How far a feed is, stage by stage. The sentence alone is read out, when it changes; the figures run silently. */
export function Progress({ job, expected }: { readonly job: FeedJob; readonly expected: number | null }) {
  return (
    <div className="progress">
      <p className="progress-words" role="status">
        {standing(job)}
      </p>
      <ol className="stages">
        {stagesOf(job, expected).map((stage) => (
          <li key={stage.name} className={stage.share === 1 ? "stage stage-done" : "stage"}>
            <span className="stage-name">{stage.name}</span>
            <progress className="stage-bar" max={1} {...(stage.share === null ? {} : { value: stage.share })} aria-label={stage.name} />
            <span className="small soft figures">{stage.words}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
