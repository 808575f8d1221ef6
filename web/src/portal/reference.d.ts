/** What `scripts/partner-reference.mjs` takes from the contract when the pages are built. */
declare module "virtual:partner-reference" {
  export const operations: readonly import("./samples").Operation[];
}
