import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { FeedJobPage } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { ShowMore } from "../desk/DataTable";
import { manyWords } from "../desk/words";
import { usePartnerApi } from "../portal/portal-tools";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Empty } from "../ui/parts";
import { JobTable } from "./JobTable";
import { Requeue } from "./Requeue";
import { canBeReadAgain, isOver } from "./stages";
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
          {/* Only the newest feed may be read again: what a later one said stands. */}
          <JobTable jobs={items} name={(job) => <Link to={`/portal/jobs/${job.id}`}>{job.file_name ?? job.id}</Link>} action={(job, place) => (place === 0 && isOver(job.state) && canBeReadAgain(job, Date.now()) ? <Requeue job={job} /> : null)} />
          <ShowMore words={`${manyWords(items.length, "feed")} shown`} more={jobs.hasNextPage} fetching={jobs.isFetchingNextPage} onMore={() => void jobs.fetchNextPage()} />
        </>
      ) : null}
    </div>
  );
}
