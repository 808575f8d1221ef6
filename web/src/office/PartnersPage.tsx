import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { PartnerPage as Page } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { DataTable, ShowMore } from "../desk/DataTable";
import { dayWords, manyWords } from "../desk/words";
import { stepsWords, WORLD_WORDS } from "../partners/partner-words";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Empty } from "../ui/parts";
import { useStaffApi } from "./office-tools";

/** Every partner, the one that came last first. */
export function PartnersPage() {
  const api = useStaffApi();
  useTitle("Partners");
  const partners = useInfiniteQuery({
    queryKey: ["office", "partners"],
    queryFn: ({ pageParam, signal }) => api.listPartners(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Page) => last.next_cursor ?? undefined,
  });
  const items = partners.data?.pages.flatMap((page) => page.items);
  return (
    <div className="page desk-page">
      <h1>Partners</h1>
      {partners.isError ? <ErrorNotice title="The partners did not load" error={partners.error} onRetry={() => void partners.refetch()} /> : null}
      {partners.isPending ? <p className="soft" role="status">Fetching the partners</p> : null}
      {items && items.length === 0 ? <Empty title="No partners yet">They come by themselves, at /portal/join.</Empty> : null}
      {items && items.length > 0 ? (
        <>
          <DataTable label="Partners" head={["Partner", "Handle", "World", "Steps", "Keys that count", "E-mail", "Since"]} numbers={["Keys that count"]}>
            {items.map((partner) => (
              <tr key={partner.id}>
                <td className="table-code">
                  <Link to={`/office/partners/${partner.id}`}>{partner.name}</Link>
                </td>
                <td>{partner.handle}</td>
                <td>
                  <span className={partner.world === "live" ? "flag flag-leaf" : "flag flag-soft"}>{WORLD_WORDS[partner.world]}</span>
                </td>
                <td>{stepsWords(partner.checklist)}</td>
                <td className="table-number">{partner.keys.filter((key) => key.counts).length}</td>
                <td className="table-code">{partner.email}</td>
                <td className="figures">{dayWords(partner.created_at)}</td>
              </tr>
            ))}
          </DataTable>
          <ShowMore words={`${manyWords(items.length, "partner")} shown`} more={partners.hasNextPage} fetching={partners.isFetchingNextPage} onMore={() => void partners.fetchNextPage()} />
        </>
      ) : null}
    </div>
  );
}
