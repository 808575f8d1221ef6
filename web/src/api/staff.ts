import { browserWorld, openApi, stop, told } from "./client";
import type { ApiProblem } from "./problem";
import type { RetryWorld } from "./retry";
import type { FeedJobPage, Partner, PartnerPage } from "./shapes";

/** What staff ask of the API. */
export interface StaffApi {
  readonly listPartners: (cursor: string | undefined, signal?: AbortSignal) => Promise<PartnerPage>;
  readonly getPartner: (id: string, signal?: AbortSignal) => Promise<Partner>;
  readonly listJobs: (partnerId: string, cursor: string | undefined, signal?: AbortSignal) => Promise<FeedJobPage>;
}

/** The staff's API at `apiUrl`, asked with the staff token `secret`. `heard` is told of every refusal. */
export function connectStaff(apiUrl: string, secret: string, heard?: (problem: ApiProblem) => void, world: RetryWorld = browserWorld): StaffApi {
  const client = openApi(apiUrl, world, { credentials: "omit", headers: { Authorization: `Bearer ${secret}` } }, heard);
  return {
    listPartners: (cursor, signal) => told(client.GET("/admin/partners", { params: { query: cursor === undefined ? {} : { cursor } }, ...stop(signal) })),
    getPartner: (partnerId, signal) => told(client.GET("/admin/partners/{partnerId}", { params: { path: { partnerId } }, ...stop(signal) })),
    listJobs: (partnerId, cursor, signal) => told(client.GET("/admin/partners/{partnerId}/jobs", { params: { path: { partnerId }, query: cursor === undefined ? {} : { cursor } }, ...stop(signal) })),
  };
}
