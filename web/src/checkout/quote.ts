import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Shop } from "../api/client";
import type { Quote, QuoteRequest } from "../api/shapes";

const FRESH_MS = 60_000;
const BEFORE_EXPIRY_MS = 30_000;

/** The signed price of a request. It is asked for again shortly before it expires. */
export function quoteQuery(shop: Shop, request: QuoteRequest) {
  return queryOptions({
    queryKey: ["quote", request],
    queryFn: ({ signal }) => shop.quoteOrder(request, signal),
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => untilNext(query.state.data, Date.now()),
  });
}

/** Milliseconds until a quote should be asked for again; `false` without one. */
export function untilNext(quote: Quote | undefined, now: number): number | false {
  if (quote === undefined) return false;
  const left = Date.parse(quote.expires_at) - now - BEFORE_EXPIRY_MS;
  return Number.isNaN(left) ? false : Math.max(5_000, left);
}
