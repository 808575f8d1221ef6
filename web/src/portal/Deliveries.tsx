import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Delivery, DeliveryPage, Webhook } from "../api/shapes";
import { askAgainMs } from "../desk/ask-again";
import { DataTable, ShowMore } from "../desk/DataTable";
import { countWords, exactWords, manyWords } from "../desk/words";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Empty } from "../ui/parts";
import { DeliverySheet } from "./DeliverySheet";
import { usePartnerApi } from "./portal-tools";
import { DELIVERIES, Replay } from "./Replay";
import { DELIVERY_WORDS, deliveryFlag, deliveryName, eventSubject, eventWords, hasTest, lastAnswerWords, nextTryWords, saidGone } from "./webhook-words";

/** Each page is a call of its own, and a key has sixty a minute. */
const ASK_EVERY_MS_PER_PAGE = 3_000;

/** What was sent to the partner's endpoint, newest first. `setHereAt` is when the endpoint was set on this page: its test is then waited for. */
export function Deliveries({ webhook, setHereAt }: { readonly webhook: Webhook; readonly setHereAt: string | null }) {
  const api = usePartnerApi();
  const client = useQueryClient();
  const [opened, setOpened] = useState<Delivery | null>(null);
  const awaited = (items: readonly Delivery[]) => items.some(({ state }) => state === "pending") || (setHereAt !== null && !hasTest(items, setHereAt));
  const deliveries = useInfiniteQuery({
    queryKey: DELIVERIES,
    queryFn: ({ pageParam, signal }) => api.listDeliveries(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: DeliveryPage) => last.next_cursor ?? undefined,
    refetchInterval: ({ state: { data, error } }) => (data && awaited(itemsOf(data)) ? askAgainMs(error, ASK_EVERY_MS_PER_PAGE * data.pages.length) : false),
  });
  const items = deliveries.data ? itemsOf(deliveries.data) : undefined;
  // An endpoint that is gone was stopped before its delivery says so; the rest of the page does not know yet.
  const stopped = webhook.disabled_at === null && (items ?? []).some((one) => saidGone(one, webhook.set_at));
  useEffect(() => {
    if (stopped) void client.invalidateQueries({ queryKey: ["portal", "me"] });
  }, [stopped, client]);

  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">Deliveries</h2>
      <p className="soft prose">{"What we sent to your endpoint, kept for 30 days. An answer of 2xx within 15 seconds counts. 410\u00a0Gone stops your endpoint; after anything else we try again."}</p>
      {deliveries.isError && !items ? <ErrorNotice title="The deliveries did not load" error={deliveries.error} onRetry={() => void deliveries.refetch()} /> : null}
      {!items && !deliveries.isError ? <span className="bone webhooks-bone" role="status" aria-label="Fetching the deliveries" /> : null}
      {items?.length === 0 ? <None webhook={webhook} testComes={setHereAt !== null} /> : null}
      {items && items.length > 0 ? (
        <>
          <DeliveryTable deliveries={items} onOpen={setOpened} />
          <ShowMore words={shownWords(items)} more={deliveries.hasNextPage} fetching={deliveries.isFetchingNextPage} onMore={() => void deliveries.fetchNextPage()} />
        </>
      ) : null}
      {deliveries.isError && items ? (
        <ErrorNotice title={deliveries.isFetchNextPageError ? "The older ones did not load" : "The last look failed"} error={deliveries.error} onRetry={() => void (deliveries.isFetchNextPageError ? deliveries.fetchNextPage() : deliveries.refetch())} />
      ) : null}
      <DeliverySheet delivery={items?.find(({ id }) => id === opened?.id) ?? opened} onClose={() => setOpened(null)} />
    </section>
  );
}

function itemsOf(data: InfiniteData<DeliveryPage>): readonly Delivery[] {
  return data.pages.flatMap((page) => page.items);
}

function shownWords(deliveries: readonly Delivery[]): string {
  const waiting = deliveries.filter(({ state }) => state === "pending").length;
  return `${manyWords(deliveries.length, "delivery", "deliveries")} shown${waiting > 0 ? `, ${countWords(waiting)} waiting` : ""}`;
}

/** Nothing was sent yet: what to do about it. */
function None({ webhook, testComes }: { readonly webhook: Webhook; readonly testComes: boolean }) {
  if (testComes) {
    return (
      <p className="soft" role="status">
        The test is on its way
      </p>
    );
  }
  return <Empty title="Nothing sent yet">{webhook.url === null ? "Set your endpoint above. The first thing that it gets is a test." : "What happens from now on is listed here. Set your endpoint again, and a test comes at once."}</Empty>;
}

function DeliveryTable({ deliveries, onOpen }: { readonly deliveries: readonly Delivery[]; readonly onOpen: (delivery: Delivery) => void }) {
  const now = Date.now();
  return (
    <DataTable label="Deliveries" head={["What", "State", "Last answer", "Tries", "Next try", "Action"]} numbers={["Tries"]}>
      {deliveries.map((delivery) => (
        <tr key={delivery.id}>
          <td>
            <button type="button" className="button button-plain webhooks-open" aria-haspopup="dialog" aria-label={deliveryName(delivery)} onClick={() => onOpen(delivery)}>
              {eventWords(delivery.type)}
            </button>
            {eventSubject(delivery) === null ? null : <span className="small webhooks-when">{eventSubject(delivery)}</span>}
            <span className="small soft figures webhooks-when">{exactWords(delivery.created_at)}</span>
          </td>
          <td>
            <span className={deliveryFlag(delivery.state)}>{DELIVERY_WORDS[delivery.state]}</span>
          </td>
          <td>{lastAnswerWords(delivery)}</td>
          <td className="table-number">{countWords(delivery.tries.length)}</td>
          <td className="figures">{nextTryWords(delivery, now)}</td>
          <td className="webhooks-action">
            <Replay delivery={delivery} />
          </td>
        </tr>
      ))}
    </DataTable>
  );
}
