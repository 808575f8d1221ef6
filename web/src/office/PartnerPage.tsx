import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { ApiProblem } from "../api/problem";
import type { FeedJobPage, Partner, Webhook } from "../api/shapes";
import NotFoundPage from "../app/NotFoundPage";
import { useTitle } from "../app/page-effects";
import { ShowMore } from "../desk/DataTable";
import { manyWords, momentWords } from "../desk/words";
import { JobTable } from "../feeds/JobTable";
import { Checklist } from "../partners/Checklist";
import { KeyTable } from "../partners/KeyTable";
import { WORLD_WORDS } from "../partners/partner-words";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useStaffApi } from "./office-tools";

/** One partner, for staff: who it is, how far it is, which keys it holds, what it sent. */
export function PartnerPage() {
  const { partnerId = "" } = useParams();
  const api = useStaffApi();
  const partner = useQuery({ queryKey: ["office", "partner", partnerId], queryFn: ({ signal }) => api.getPartner(partnerId, signal) });
  useTitle(partner.data?.name);
  if (partner.error instanceof ApiProblem && partner.error.status === 404) return <NotFoundPage what="partner" />;
  if (partner.isError && !partner.data) {
    return (
      <div className="page desk-page">
        <ErrorNotice title="The partner did not load" error={partner.error} onRetry={() => void partner.refetch()} />
      </div>
    );
  }
  if (!partner.data) return <p className="page waiting" role="status">Fetching the partner</p>;
  return <PartnerView partner={partner.data} />;
}

function PartnerView({ partner }: { readonly partner: Partner }) {
  const facts: readonly [string, string][] = [["Handle", partner.handle], ["Id", partner.id], ["E-mail", partner.email], ["Came", momentWords(partner.created_at)], ["Live since", partner.live_at ? momentWords(partner.live_at) : "Not yet"], ["Events go to", eventsWords(partner.webhook)]];
  return (
    <div className="page desk-page">
      <div className="desk-top">
        <p className="small">
          <Link to="/office/partners">All partners</Link>
        </p>
        <div className="desk-title">
          <h1>{partner.name}</h1>
          <span className={partner.world === "live" ? "flag flag-leaf" : "flag flag-soft"}>{WORLD_WORDS[partner.world]}</span>
        </div>
      </div>
      <dl className="desk-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <section aria-labelledby="checklist">
        <h2 id="checklist">On the way to live</h2>
        <Checklist partner={partner} />
      </section>
      <section>
        <h2>Keys</h2>
        <KeyTable keys={partner.keys} />
      </section>
      <section>
        <h2>Feeds</h2>
        <Jobs partnerId={partner.id} />
      </section>
    </div>
  );
}

function eventsWords({ url, disabled_at }: Webhook): string {
  if (url === null) return "Nowhere";
  return disabled_at === null ? url : `${url} (stopped ${momentWords(disabled_at)})`;
}

/** What the partner sent, newest first. */
function Jobs({ partnerId }: { readonly partnerId: string }) {
  const api = useStaffApi();
  const jobs = useInfiniteQuery({
    queryKey: ["office", "partner", partnerId, "jobs"],
    queryFn: ({ pageParam, signal }) => api.listJobs(partnerId, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: FeedJobPage) => last.next_cursor ?? undefined,
  });
  const items = jobs.data?.pages.flatMap((page) => page.items);
  if (!items) return jobs.isError ? <ErrorNotice title="The feeds did not load" error={jobs.error} onRetry={() => void jobs.refetch()} /> : <p className="soft" role="status">Fetching the feeds</p>;
  if (items.length === 0) return <p className="soft">No feeds yet.</p>;
  return (
    <>
      <JobTable jobs={items} name={(job) => job.file_name ?? job.id} />
      <ShowMore words={`${manyWords(items.length, "feed")} shown`} more={jobs.hasNextPage} fetching={jobs.isFetchingNextPage} onMore={() => void jobs.fetchNextPage()} />
    </>
  );
}
