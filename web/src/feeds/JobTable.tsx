import type { ReactNode } from "react";
import type { FeedJob } from "../api/shapes";
import { DataTable } from "../desk/DataTable";
import { countWords, momentWords } from "../desk/words";
import { WORLD_WORDS } from "../partners/partner-words";
import { STATE_WORDS, stateFlag } from "./stages";

interface JobTableProps {
  readonly jobs: readonly FeedJob[];
  /** How a feed is called, with a link where there is a page for it. */
  readonly name: (job: FeedJob) => ReactNode;
  /** What can be done with the feed in that place; left out where nothing can. */
  readonly action?: (job: FeedJob, place: number) => ReactNode;
}

/** Feeds, each with what became of it. */
export function JobTable({ jobs, name, action }: JobTableProps) {
  return (
    <DataTable label="Feeds" head={["Feed", "State", "World", "Rows", "Right", "Wrong", "Sent", ...(action ? ["Action"] : [])]} numbers={["Rows", "Right", "Wrong"]}>
      {jobs.map((job, place) => (
        <tr key={job.id}>
          <td className="table-code">{name(job)}</td>
          <td>
            <span className={stateFlag(job.state)}>{STATE_WORDS[job.state]}</span>
          </td>
          <td>{WORLD_WORDS[job.world]}</td>
          <td className="table-number">{countWords(job.counts.seen)}</td>
          <td className="table-number">{countWords(job.counts.accepted)}</td>
          <td className="table-number">{countWords(job.counts.rejected)}</td>
          <td className="figures">{momentWords(job.received_at)}</td>
          {action ? <td>{action(job, place)}</td> : null}
        </tr>
      ))}
    </DataTable>
  );
}
