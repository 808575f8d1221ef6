import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { ProductPage, Sort } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Icon } from "../ui/Icon";
import { Empty, Shelf } from "../ui/parts";
import { Sheet } from "../ui/Sheet";
import { Filters } from "./Filters";
import { activeFilters, capitalised, listingQuery, readListing, SORTS, writeListing, type ListingState } from "./listing-url";
import "./listing.css";

const NOTHING_SET: ListingState = readListing(new URLSearchParams());

/** The shop's shelves: searched, filtered, sorted. Its address holds all of that, and how far the shopper has read. */
export default function ListingPage() {
  const [params, setParams] = useSearchParams();
  const state = readListing(params);
  const listing = useListing(state);
  const pages = listing.data?.pages;
  const first = pages?.[0];
  const [filtersOpen, setFiltersOpen] = useState(false);

  const categoryLabel = (value: string) => first?.facets.category.find((category) => category.value === value)?.label ?? capitalised(value.replaceAll("-", " "));
  const title = state.q ? `Results for “${state.q}”` : state.category ? categoryLabel(state.category) : "The whole shop";
  useTitle(first ? title : undefined);

  const show = (next: ListingState) => setParams(writeListing(next));
  const change = (part: Partial<ListingState>) => show({ ...state, ...part, pages: 1 });
  const active = activeFilters(state, categoryLabel);

  return (
    <div className="page listing">
      <div className="listing-head">
        <h1>{first || !state.category ? title : "\u00a0"}</h1>
        <p className="listing-count soft" role="status">
          {first ? countWords(first.total) : listing.isError ? "" : "Looking through the shelves"}
        </p>
        <SortSelect value={state.sort} searching={state.q !== ""} onChange={(sort) => change({ sort })} />
        <button type="button" className="button button-quiet listing-filter-button" onClick={() => setFiltersOpen(true)} aria-haspopup="dialog">
          <Icon name="sliders" size={18} />
          {active.length > 0 ? `Filters (${active.length})` : "Filters"}
        </button>
        {active.length > 0 ? (
          <ul className="chips" aria-label="Filters that are on">
            {active.map((filter) => (
              <li key={filter.label}>
                <button type="button" className="chip" onClick={() => show(filter.without)} aria-label={`Remove the filter ${filter.label}`}>
                  {filter.label}
                  <Icon name="close" size={14} />
                </button>
              </li>
            ))}
            {active.length > 1 ? (
              <li>
                <button type="button" className="button button-plain small" onClick={() => show({ ...NOTHING_SET, sort: state.sort })}>
                  Remove all
                </button>
              </li>
            ) : null}
          </ul>
        ) : null}
      </div>

      <div className="listing-body">
        <aside className="listing-side" aria-label="Filters">
          {first || !listing.isError ? <Filters state={state} facets={first?.facets} onChange={change} name="side" /> : null}
        </aside>
        <div>
          <Results listing={listing} state={state} onMore={() => setParams(writeListing({ ...state, pages: state.pages + 1 }), { replace: true })} />
        </div>
      </div>

      <Sheet
        title="Filters"
        side="left"
        open={filtersOpen}
        onClose={() => setFiltersOpen(false)}
        foot={
          <button type="button" className="button button-wide" onClick={() => setFiltersOpen(false)}>
            {first ? `Show ${countWords(first.total)}` : "Show"}
          </button>
        }
      >
        <Filters state={state} facets={first?.facets} onChange={change} name="sheet" />
      </Sheet>
    </div>
  );
}

/** The pages of a listing, as many as its address asks for. */
function useListing(state: ListingState) {
  const { shop } = useTools();
  const query = listingQuery(state);
  const listing = useInfiniteQuery({
    queryKey: ["products", query],
    queryFn: ({ pageParam, signal }) => shop.listProducts(pageParam === null ? query : { ...query, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last: ProductPage) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const shown = listing.data?.pages.length ?? 0;
  const { fetchNextPage, hasNextPage, isFetching, isError } = listing;
  useEffect(() => {
    if (shown > 0 && shown < state.pages && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [shown, state.pages, hasNextPage, isFetching, isError, fetchNextPage]);
  return listing;
}

function Results({ listing, state, onMore }: { readonly listing: ReturnType<typeof useListing>; readonly state: ListingState; readonly onMore: () => void }) {
  const navigate = useNavigate();
  const pages = listing.data?.pages;
  if (listing.isError && !pages) return <ErrorNotice title="The shelves did not load" error={listing.error} onRetry={() => void listing.refetch()} />;
  if (!pages) return <Shelf products={undefined} expected={12} />;

  const products = pages.flatMap((page) => page.items);
  const corrected = pages[0]?.corrected_query;
  if (products.length === 0) {
    return (
      <Empty title="Nothing on the shelves for that" action={<button type="button" className="button" onClick={() => navigate("/shop")}>Show everything</button>}>
        Try fewer filters, or a plainer word: “tea”, “sleep”, “soap”.
      </Empty>
    );
  }
  return (
    <>
      {corrected ? (
        <p className="listing-corrected">
          {"Nothing was called that, so these are results for "}
          <Link to={`/shop?${writeListing({ ...state, q: corrected, pages: 1 }).toString()}`}>{corrected}</Link>.
        </p>
      ) : null}
      <div className={listing.isPlaceholderData ? "listing-stale" : undefined} aria-busy={listing.isPlaceholderData}>
        <Shelf products={products} eager={4} />
      </div>
      <More listing={listing} shown={products.length} total={pages[0]?.total ?? products.length} onMore={onMore} />
    </>
  );
}

function More(props: { readonly listing: ReturnType<typeof useListing>; readonly shown: number; readonly total: number; readonly onMore: () => void }) {
  const { listing, shown, total, onMore } = props;
  return (
    <div className="listing-more">
      {listing.isFetchNextPageError ? <ErrorNotice error={listing.error} onRetry={() => void listing.fetchNextPage()} /> : null}
      {shown < total ? <p className="small soft figures" role="status">{`${shown} of ${total} shown`}</p> : null}
      {listing.hasNextPage && !listing.isFetchNextPageError ? (
        <button type="button" className="button button-quiet" onClick={onMore} disabled={listing.isFetchingNextPage}>
          {listing.isFetchingNextPage ? "Fetching more" : "Show more"}
        </button>
      ) : null}
    </div>
  );
}

function SortSelect({ value, searching, onChange }: { readonly value: Sort | ""; readonly searching: boolean; readonly onChange: (sort: Sort | "") => void }) {
  const own = searching ? "relevance" : "featured";
  const choices = searching ? [{ value: "relevance" as Sort, label: "Best match" }, ...SORTS] : SORTS;
  return (
    <label className="listing-sort">
      <span className="small soft">Sort by</span>
      <select className="input" value={value === "" ? own : value} onChange={(event) => onChange(event.target.value === own ? "" : (event.target.value as Sort))}>
        {choices.map((sort) => (
          <option key={sort.value} value={sort.value}>
            {sort.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function countWords(total: number): string {
  return total === 1 ? "1 product" : `${total} products`;
}
