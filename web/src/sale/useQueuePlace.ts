import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ApiProblem } from "../api/problem";
import type { QueuePlace } from "../api/shapes";
import { useTools } from "../app/shop-context";
import { ticketStore } from "./ticket";

/** How long to wait before asking again when asking failed, in milliseconds. The place is kept meanwhile. */
const AFTER_FAILURE_MS = 5_000;
/** Words for those who listen change this often at most, in milliseconds. */
const SAID_EVERY_MS = 15_000;

/** The shopper's place in a sale's line. It is asked for as often as the shop says, also in a tab that nobody looks at, until it is their turn. */
export function useQueuePlace(sale: string) {
  const { shop, time } = useTools();
  const store = useMemo(() => ticketStore(sale), [sale]);
  const place = useQuery({
    queryKey: ["queue", sale],
    queryFn: async ({ signal }): Promise<QueuePlace> => {
      const known = store.read();
      const told = known === null ? await shop.joinQueue(sale, signal) : await askOrJoin(known, signal);
      store.keep(told.ticket);
      time.hear(Date.parse(told.server_time));
      return told;
    },
    gcTime: 0,
    refetchInterval: ({ state }) => {
      if (state.data === undefined) return false;
      if (state.data.admitted) return false;
      return state.status === "error" ? AFTER_FAILURE_MS : state.data.poll_after_seconds * 1_000;
    },
    refetchIntervalInBackground: true,
    refetchOnWindowFocus: false,
  });

  async function askOrJoin(ticket: string, signal: AbortSignal): Promise<QueuePlace> {
    try {
      return await shop.getQueuePlace(ticket, signal);
    } catch (error) {
      // A ticket that the shop no longer knows is as good as none.
      if (error instanceof ApiProblem && error.status === 404) return shop.joinQueue(sale, signal);
      throw error;
    }
  }

  return { place, leave: store.clear };
}

/** `words`, but changed every 15 seconds at most, for a part of the page that is read aloud when it changes. */
export function useCalmly(words: string): string {
  const [said, setSaid] = useState({ words, at: performance.now() });
  useEffect(() => {
    if (words === said.words) return undefined;
    const wait = Math.max(0, said.at + SAID_EVERY_MS - performance.now());
    const timer = setTimeout(() => setSaid({ words, at: performance.now() }), wait);
    return () => clearTimeout(timer);
  }, [words, said]);
  return said.words;
}
