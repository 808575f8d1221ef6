import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activeFilters, listingQuery, readListing, SORTS, writeListing, type ListingState } from "./listing-url";

const word = (most: number) => fc.string({ maxLength: most }).map((text) => text.trim());
const price = fc.oneof(fc.constant(""), fc.integer({ min: 0, max: 99_999 }).map((cents) => (cents / 100).toFixed(2)));
const state: fc.Arbitrary<ListingState> = fc.record({
  q: word(200), category: word(64), brand: word(128), tag: word(64), minPrice: price, maxPrice: price, inStock: fc.boolean(),
  sort: fc.constantFrom("" as const, ...SORTS.map((sort) => sort.value)), pages: fc.integer({ min: 1, max: 50 }),
});

describe("a listing's address", () => {
  it("holds the whole state: what is written is what is read", () => {
    fc.assert(
      fc.property(state, (listing) => {
        expect(readListing(new URLSearchParams(writeListing(listing).toString()))).toEqual(listing);
      }),
      { numRuns: 300 },
    );
  });

  it("is read without failing, whatever it holds", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("q", "sort", "pages", "min_price", "in_stock", "category"), fc.string()), (params) => {
        const listing = readListing(new URLSearchParams(params));
        expect(listing.pages).toBeGreaterThanOrEqual(1);
        expect(listingQuery(listing).limit).toBe("24");
      }),
      { numRuns: 200 },
    );
  });

  it("names each filter that is on, and leads to the listing without it", () => {
    const listing = readListing(new URLSearchParams("q=tea&category=teas&max_price=20&in_stock=true&pages=3"));
    const active = activeFilters(listing, () => "Teas");
    expect(active.map((filter) => filter.label)).toEqual(["“tea”", "Teas", "Up to 20", "In stock"]);
    expect(writeListing(active[1]!.without).toString()).toBe("q=tea&max_price=20&in_stock=true");
  });
});
