import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Link, useLocation, useParams } from "react-router";
import { ApiProblem } from "../api/problem";
import type { FeedJob } from "../api/shapes";
import NotFoundPage from "../app/NotFoundPage";
import { useTitle } from "../app/page-effects";
import { askAgainMs } from "../desk/ask-again";
import { momentWords, sizeWords } from "../desk/words";
import { WORLD_WORDS } from "../partners/partner-words";
import { usePartnerApi } from "../portal/portal-tools";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Counts, Refusal } from "./Findings";
import { Progress } from "./Progress";
import { Report } from "./Report";
import { Requeue } from "./Requeue";
import { askAfterMs, canBeReadAgain, isOver, STATE_WORDS, stateFlag } from "./stages";
import "./feeds.css";

/** One feed: how far it is, and, once it is over, what was found. */
export function JobPage() {
  const { jobId = "" } = useParams();
  const api = usePartnerApi();
  const opened = useRef(Date.now());
  const job = useQuery({
    queryKey: ["portal", "job", jobId],
    queryFn: ({ signal }) => api.getJob(jobId, signal),
    refetchInterval: ({ state }) => (state.data && isOver(state.data.state) ? false : askAgainMs(state.error, askAfterMs(Date.now() - opened.current))),
  });
  // The one who sent the feed from this tab counted its rows; nobody else has.
  const counted = (useLocation().state as { readonly rows?: number | null } | null)?.rows ?? null;
  useTitle(job.data ? nameOf(job.data) : undefined);

  if (job.error instanceof ApiProblem && job.error.status === 404) return <NotFoundPage what="feed" />;
  if (job.isError && !job.data) {
    return (
      <div className="page desk-page">
        <ErrorNotice title="The feed did not load" error={job.error} onRetry={() => void job.refetch()} />
      </div>
    );
  }
  if (!job.data) return <p className="page waiting" role="status">Fetching the feed</p>;
  const over = isOver(job.data.state);
  return (
    <div className="page desk-page">
      <div className="desk-top">
        <p className="small">
          <Link to="/portal/jobs">All feeds</Link>
        </p>
        <div className="desk-title">
          <h1>{nameOf(job.data)}</h1>
          <span className={stateFlag(job.data.state)}>{STATE_WORDS[job.data.state]}</span>
          {over && canBeReadAgain(job.data, Date.now()) ? <Requeue job={job.data} /> : null}
        </div>
        <p className="small soft">{factsOf(job.data)}</p>
      </div>
      <section aria-label="How far it is">
        <Progress job={job.data} expected={counted} />
        {job.isError ? <p className="small soft">The last look failed. We look again by ourselves.</p> : null}
      </section>
      {over ? <Found job={job.data} /> : null}
    </div>
  );
}

function Found({ job }: { readonly job: FeedJob }) {
  return (
    <section aria-labelledby="found">
      <h2 id="found">What was found</h2>
      {job.refusal ? <Refusal refusal={job.refusal} /> : null}
      <Counts counts={job.counts} />
      {job.report_parts > 0 ? <Report job={job} /> : null}
      {job.state === "done" && job.counts.rejected === 0 ? <p className="notice notice-leaf">Nothing is wrong with this feed.</p> : null}
    </section>
  );
}

function nameOf(job: FeedJob): string {
  return job.file_name ?? "A feed without a name";
}

function factsOf(job: FeedJob): string {
  return [WORLD_WORDS[job.world], job.format ?? "", sizeWords(job.bytes), job.all_or_nothing ? "all or nothing" : "", `sent ${momentWords(job.received_at)}`].filter(Boolean).join(", ");
}
