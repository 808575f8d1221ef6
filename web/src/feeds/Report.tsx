import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { FeedJob, FeedReport } from "../api/shapes";
import { ShowMore } from "../desk/DataTable";
import { countWords } from "../desk/words";
import { usePartnerApi } from "../portal/portal-tools";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useSay } from "../ui/notices";
import { ByRule, RejectionTable } from "./Findings";
import { saveFile, wholeReport } from "./report-csv";

/** Rows that are shown at once. A page of the report holds thousands, which no table should grow by in one go. */
const ROWS_AT_ONCE = 100;

/** What is wrong with a feed that is over: by rule, row by row, and as a file. The rule that is chosen stands in the address. */
export function Report({ job }: { readonly job: FeedJob }) {
  const api = usePartnerApi();
  const [params, setParams] = useSearchParams();
  const chosen = params.get("rule") ?? "";
  const [shown, setShown] = useState(ROWS_AT_ONCE);
  const report = useInfiniteQuery({
    queryKey: ["portal", "report", job.id, job.events.length],
    queryFn: ({ pageParam, signal }) => api.getReport(job.id, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: FeedReport) => last.next_cursor ?? undefined,
    staleTime: Infinity,
  });
  const choose = (rule: string) => {
    setShown(ROWS_AT_ONCE);
    setParams(rule === "" ? {} : { rule }, { replace: true });
  };

  if (report.isError && !report.data) return <ErrorNotice title="The report did not load" error={report.error} onRetry={() => void report.refetch()} />;
  if (!report.data) return <p className="soft" role="status">Fetching the report</p>;
  const read = report.data.pages.flatMap((page) => page.items);
  const found = chosen === "" ? read : read.filter((rejection) => rejection.rule === chosen);
  const total = Object.entries(job.by_rule).reduce((sum, [rule, count]) => (chosen === "" || rule === chosen ? sum + count : sum), 0);
  const rows = found.slice(0, shown);
  const showMore = () => {
    setShown(shown + ROWS_AT_ONCE);
    if (shown + ROWS_AT_ONCE > found.length && report.hasNextPage) void report.fetchNextPage();
  };
  return (
    <>
      <div className="desk-actions">
        <ByRule byRule={job.by_rule} chosen={chosen} onChoose={choose} />
        <Download job={job} />
      </div>
      {rows.length > 0 ? <RejectionTable rejections={rows} /> : <p className="soft">None of this rule in what was read of the report so far.</p>}
      {report.isFetchNextPageError ? <ErrorNotice error={report.error} onRetry={() => void report.fetchNextPage()} /> : null}
      <ShowMore words={`${countWords(rows.length)} of ${countWords(Math.max(total, rows.length))} shown`} more={rows.length < found.length || report.hasNextPage} fetching={report.isFetchingNextPage} onMore={showMore} />
    </>
  );
}

function Download({ job }: { readonly job: FeedJob }) {
  const api = usePartnerApi();
  const say = useSay();
  const [pages, setPages] = useState(0);
  const download = useMutation({
    mutationFn: () => wholeReport((cursor) => api.getReportCsv(job.id, cursor), setPages),
    onSuccess: (text) => {
      saveFile(`report-${job.id}.csv`, text);
      say("The report is saved as a file.");
    },
  });
  return (
    <>
      <button type="button" className="button button-quiet" disabled={download.isPending} onClick={() => download.mutate()}>
        {download.isPending ? (pages > 0 ? `Fetching, ${pages} so far` : "Fetching") : "Download as CSV"}
      </button>
      {download.isError ? <ErrorNotice title="The report was not saved" error={download.error} onRetry={() => download.mutate()} /> : null}
    </>
  );
}
