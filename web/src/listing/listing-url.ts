import type { ProductQuery, Sort } from "../api/shapes";

/** All that a listing shows, as its address states it. */
export interface ListingState {
  readonly q: string;
  readonly category: string;
  readonly brand: string;
  readonly tag: string;
  readonly minPrice: string;
  readonly maxPrice: string;
  readonly inStock: boolean;
  /** Empty for what the listing does by itself: by relevance for a search, featured first otherwise. */
  readonly sort: Sort | "";
  /** How many pages are shown one below the other. */
  readonly pages: number;
}

export const PAGE_SIZE = 24;
const MOST_PAGES = 50;

export const SORTS: readonly { readonly value: Sort; readonly label: string }[] = [
  { value: "featured", label: "Most loved" },
  { value: "price_asc", label: "Price, low to high" },
  { value: "price_desc", label: "Price, high to low" },
  { value: "newest", label: "Newest" },
  { value: "name", label: "Name" },
];

const EVERY_SORT: readonly string[] = ["relevance", ...SORTS.map((sort) => sort.value)];
const PRICE = /^\d{1,9}(\.\d{1,2})?$/;

/** Reads an address; whatever it holds that makes no sense is left out. */
export function readListing(params: URLSearchParams): ListingState {
  const word = (name: string, most: number) => (params.get(name) ?? "").trim().slice(0, most);
  const price = (name: string) => (PRICE.test(word(name, 13)) ? word(name, 13) : "");
  const sort = word("sort", 16);
  const pages = Number(word("pages", 3));
  return {
    q: word("q", 200),
    category: word("category", 64),
    brand: word("brand", 128),
    tag: word("tag", 64),
    minPrice: price("min_price"),
    maxPrice: price("max_price"),
    inStock: params.get("in_stock") === "true",
    sort: EVERY_SORT.includes(sort) ? (sort as Sort) : "",
    pages: Number.isInteger(pages) && pages > 1 ? Math.min(pages, MOST_PAGES) : 1,
  };
}

/** The address that shows a listing. What is not set is not in it. */
export function writeListing(state: ListingState): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filters(state))) params.set(name, value);
  if (state.pages > 1) params.set("pages", String(state.pages));
  return params;
}

/** What the API is asked for; the cursor comes with each page. */
export function listingQuery(state: ListingState): ProductQuery {
  return { ...filters(state), limit: String(PAGE_SIZE) } as ProductQuery;
}

function filters(state: ListingState): Record<string, string> {
  const all = {
    q: state.q,
    category: state.category,
    brand: state.brand,
    tag: state.tag,
    min_price: state.minPrice,
    max_price: state.maxPrice,
    in_stock: state.inStock ? "true" : "",
    sort: state.sort,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

/** One filter that is on, and the listing without it. */
export interface ActiveFilter {
  readonly label: string;
  readonly without: ListingState;
}

/** The filters that are on. `labelOf` gives a category's name for people. */
export function activeFilters(state: ListingState, labelOf: (category: string) => string): ActiveFilter[] {
  const active: ActiveFilter[] = [];
  const off = (label: string, change: Partial<ListingState>) => active.push({ label, without: { ...state, ...change, pages: 1 } });
  if (state.q) off(`“${state.q}”`, { q: "" });
  if (state.category) off(labelOf(state.category), { category: "" });
  if (state.brand) off(state.brand, { brand: "" });
  if (state.tag) off(capitalised(state.tag), { tag: "" });
  if (state.minPrice || state.maxPrice) off(priceWords(state), { minPrice: "", maxPrice: "" });
  if (state.inStock) off("In stock", { inStock: false });
  return active;
}

function priceWords({ minPrice, maxPrice }: ListingState): string {
  if (minPrice && maxPrice) return `${minPrice} to ${maxPrice}`;
  return minPrice ? `From ${minPrice}` : `Up to ${maxPrice}`;
}

/** `loose leaf` → `Loose leaf`. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
