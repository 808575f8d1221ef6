import { browserWorld, openApi, stop, told } from "./client";
import type { ApiProblem } from "./problem";
import type { RetryWorld } from "./retry";
import type { CreateUpload, Delivery, DeliveryPage, FeedContract, FeedJob, FeedJobPage, FeedReport, IssuePartnerKey, NewPartnerKey, NewWebhookSecret, Onboarded, OnboardPartner, Partner, Upload, Validation, Webhook } from "./shapes";
import { storeBytes } from "./store-bytes";

/** A feed as it is sent: its bytes, and what they are to be read as. */
export interface FeedToSend {
  readonly bytes: ArrayBuffer;
  readonly mediaType: string;
  readonly fileName: string;
}

/** How a feed is to be read. */
export interface FeedWish {
  /** JSON, or empty where the vocabulary is a known one. */
  readonly mapping: string;
  /** Whether nothing is taken unless every row is right. */
  readonly allOrNothing: boolean;
}

/** One page of a report as CSV, and where the next one begins. */
export interface CsvPage {
  readonly text: string;
  readonly next: string | undefined;
}

/** The partners' API, for the holder of one key. Every call resolves with what was asked for or rejects with an `ApiProblem`. */
export interface PartnerApi {
  readonly getPartner: (signal?: AbortSignal) => Promise<Partner>;
  readonly issueKey: (wish: IssuePartnerKey, key: string) => Promise<NewPartnerKey>;
  readonly revokeKey: (id: string) => Promise<void>;
  readonly getContract: (signal?: AbortSignal) => Promise<FeedContract>;
  readonly validateFeed: (feed: FeedToSend, mapping: string) => Promise<Validation>;
  readonly ingestFeed: (feed: FeedToSend, wish: FeedWish, key: string, signal?: AbortSignal) => Promise<FeedJob>;
  readonly createUpload: (announced: CreateUpload, signal?: AbortSignal) => Promise<Upload>;
  readonly storeBytes: (upload: Upload, bytes: Blob, onShare: (share: number) => void, signal: AbortSignal) => Promise<void>;
  readonly ingestUpload: (id: string, wish: FeedWish, key: string, signal?: AbortSignal) => Promise<FeedJob>;
  readonly listJobs: (cursor: string | undefined, signal?: AbortSignal) => Promise<FeedJobPage>;
  readonly getJob: (id: string, signal?: AbortSignal) => Promise<FeedJob>;
  readonly getReport: (id: string, cursor: string | undefined, signal?: AbortSignal) => Promise<FeedReport>;
  readonly getReportCsv: (id: string, cursor: string | undefined) => Promise<CsvPage>;
  readonly requeueJob: (id: string, key: string) => Promise<FeedJob>;
  readonly setEndpoint: (url: string) => Promise<Webhook>;
  readonly removeEndpoint: () => Promise<void>;
  readonly rotateSecret: (key: string) => Promise<NewWebhookSecret>;
  readonly listDeliveries: (cursor: string | undefined, signal?: AbortSignal) => Promise<DeliveryPage>;
  readonly replayDelivery: (id: string, key: string) => Promise<Delivery>;
}

/** The partners' API at `apiUrl`, asked with `secret` in a header and nowhere else. `heard` is told of every refusal. */
export function connectPartner(apiUrl: string, secret: string, heard?: (problem: ApiProblem) => void, world: RetryWorld = browserWorld): PartnerApi {
  const client = openApi(apiUrl, world, { credentials: "omit", headers: { "X-API-Key": secret } }, heard);
  const named = (key: string) => ({ "Idempotency-Key": key });
  return {
    getPartner: (signal) => told(client.GET("/partner/me", stop(signal))),
    issueKey: (body, key) => told(client.POST("/partner/keys", { params: { header: named(key) }, body })),
    revokeKey: async (keyId) => {
      await client.DELETE("/partner/keys/{keyId}", { params: { path: { keyId } } });
    },
    getContract: (signal) => told(client.GET("/partner/contract", stop(signal))),
    validateFeed: (feed, mapping) => told(client.POST("/partner/contract/validate", { params: { query: { ...nameOf(feed), ...mappedBy(mapping) } }, ...bodyOf(feed) })),
    ingestFeed: (feed, wish, key, signal) =>
      told(client.POST("/partner/ingest", { params: { header: named(key), query: { ...nameOf(feed), ...asked(wish) } }, ...bodyOf(feed), ...stop(signal) })),
    createUpload: (body, signal) => told(client.POST("/partner/uploads", { params: { header: named(crypto.randomUUID()) }, body, ...stop(signal) })),
    storeBytes,
    ingestUpload: (uploadId, wish, key, signal) =>
      told(client.POST("/partner/uploads/{uploadId}/ingest", { params: { path: { uploadId }, header: named(key), query: asked(wish) }, ...stop(signal) })),
    listJobs: (cursor, signal) => told(client.GET("/partner/jobs", { params: { query: from(cursor) }, ...stop(signal) })),
    getJob: (jobId, signal) => told(client.GET("/partner/jobs/{jobId}", { params: { path: { jobId } }, ...stop(signal) })),
    getReport: async (jobId, cursor, signal) =>
      (await told(client.GET("/partner/jobs/{jobId}/report", { params: { path: { jobId }, query: from(cursor) }, ...stop(signal) }))) as FeedReport,
    getReportCsv: async (jobId, cursor) => {
      const call = client.GET("/partner/jobs/{jobId}/report", { params: { path: { jobId }, query: { format: "csv", ...from(cursor) } }, parseAs: "text" });
      const { data = "", response } = await call;
      return { text: data, next: nextCursor(response.headers.get("Link"), response.url) };
    },
    requeueJob: (jobId, key) => told(client.POST("/partner/jobs/{jobId}/requeue", { params: { path: { jobId }, header: named(key) } })),
    setEndpoint: (url) => told(client.PUT("/partner/webhook", { body: { url } })),
    removeEndpoint: async () => {
      await client.DELETE("/partner/webhook");
    },
    rotateSecret: (key) => told(client.POST("/partner/webhook/secret", { params: { header: named(key) } })),
    listDeliveries: (cursor, signal) => told(client.GET("/partner/deliveries", { params: { query: from(cursor) }, ...stop(signal) })),
    replayDelivery: (deliveryId, key) => told(client.POST("/partner/deliveries/{deliveryId}/replay", { params: { path: { deliveryId }, header: named(key) } })),
  };
}

/** Makes a partner. The answer alone shows the key and the secret; the same `key` shows them again. */
export function onboardPartner(apiUrl: string, body: OnboardPartner, key: string, world: RetryWorld = browserWorld): Promise<Onboarded> {
  const client = openApi(apiUrl, world, { credentials: "omit" });
  return told(client.POST("/partner/onboard", { params: { header: { "Idempotency-Key": key } }, body }));
}

/** The cursor of the `rel="next"` in a `Link`. Only the cursor is taken: the key is sent nowhere that a header names. */
export function nextCursor(link: string | null, base: string): string | undefined {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1];
  if (target === undefined) return undefined;
  return new URL(target, base || "https://russet.invalid").searchParams.get("cursor") ?? undefined;
}

function nameOf(feed: FeedToSend): { file_name?: string } {
  return feed.fileName === "" ? {} : { file_name: feed.fileName.slice(0, 255) };
}

function mappedBy(mapping: string): { mapping?: string } {
  return mapping.trim() === "" ? {} : { mapping: mapping.trim() };
}

function asked(wish: FeedWish): { mapping?: string; all_or_nothing?: "true" } {
  return { ...mappedBy(wish.mapping), ...(wish.allOrNothing ? { all_or_nothing: "true" } : {}) };
}

/** The bytes go as they are; the contract's types only know texts. */
function bodyOf(feed: FeedToSend) {
  return { body: "", bodySerializer: () => feed.bytes, headers: { "Content-Type": feed.mediaType } };
}

function from(cursor: string | undefined): { cursor?: string } {
  return cursor === undefined ? {} : { cursor };
}
