import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { FeedJob, FeedJobPage } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { DataTable, ShowMore } from "../desk/DataTable";
import { countWords, manyWords, momentWords } from "../desk/words";
import { WORLD_WORDS } from "../partners/partner-words";
import { usePartnerApi } from "../portal/portal-tools";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Empty } from "../ui/parts";
import { Requeue } from "./Requeue";
import { isOver, STATE_WORDS, stateFlag } from "./stages";
import "./feeds.css";

const ASK_EVERY_MS = 5_000;

/** The feeds that were sent, newest first. */
export function JobsPage() {
  const api = usePartnerApi();
  useTitle("Feeds");
  const jobs = useInfiniteQuery({
    queryKey: ["portal", "jobs"],
    queryFn: ({ pageParam, signal }) => api.listJobs(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: FeedJobPage) => last.next_cursor ?? undefined,
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.items.some((job) => !isOver(job.state))) ? ASK_EVERY_MS : false),
  });
  const items = jobs.data?.pages.flatMap((page) => page.items);
  return (
    <div className="page desk-page">
      <div className="desk-title">
        <h1>Feeds</h1>
        <Link className="button" to="/portal/send">
          Send a feed
        </Link>
      </div>
      {jobs.isError ? <ErrorNotice title="The feeds did not load" error={jobs.error} onRetry={() => void jobs.refetch()} /> : null}
      {!items && !jobs.isError ? <p className="soft" role="status">Fetching the feeds</p> : null}
      {items && items.length === 0 ? (
        <Empty title="No feeds yet" action={<Link className="button" to="/portal/send">Send the first one</Link>}>
          A key of the sandbox has a feed checked and stores nothing, so there is nothing to break.
        </Empty>
      ) : null}
      {items && items.length > 0 ? (
        <>
          <JobTable jobs={items} />
          <ShowMore words={`${manyWords(items.length, "feed")} shown`} more={jobs.hasNextPage} fetching={jobs.isFetchingNextPage} onMore={() => void jobs.fetchNextPage()} />
        </>
      ) : null}
    </div>
  );
}

/** Only the newest feed may be read again: what a later one said stands. */
function JobTable({ jobs }: { readonly jobs: readonly FeedJob[] }) {
  return (
    <DataTable label="Feeds" head={["Feed", "State", "World", "Rows", "Right", "Wrong", "Sent", "Action"]} numbers={["Rows", "Right", "Wrong"]}>
      {jobs.map((job, place) => (
        <tr key={job.id}>
          <td className="table-code">
            <Link to={`/portal/jobs/${job.id}`}>{job.file_name ?? job.id}</Link>
          </td>
          <td>
            <span className={stateFlag(job.state)}>{STATE_WORDS[job.state]}</span>
          </td>
          <td>{WORLD_WORDS[job.world]}</td>
          <td className="table-number">{countWords(job.counts.seen)}</td>
          <td className="table-number">{countWords(job.counts.accepted)}</td>
          <td className="table-number">{countWords(job.counts.rejected)}</td>
          <td>{momentWords(job.received_at)}</td>
          <td>{place === 0 && isOver(job.state) ? <Requeue job={job} /> : null}</td>
        </tr>
      ))}
    </DataTable>
  );
}
