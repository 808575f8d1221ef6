import type { FeedWish, PartnerApi } from "../api/partner";
import { ApiProblem } from "../api/problem";
import type { FeedJob, Upload } from "../api/shapes";
import { countRows, mediaTypeOf, WHOLE_MAX_BYTES } from "./feed-file";

/** What has been done for a file so far: whoever sends it again goes on from there, and not from the beginning. */
export interface Way {
  /** Names the request that has the feed read; another wish needs another. */
  key: string | null;
  /** Where its bytes go, and whether they are there. */
  upload: Upload | null;
  stored: boolean;
}

export const newWay = (): Way => ({ key: null, upload: null, stored: false });

/** What is being done, and how much of it (0 to 1, `null` where nobody knows). */
export interface Doing {
  readonly what: "preparing" | "storing" | "asking";
  readonly share: number | null;
}

/** A feed that was sent, and how many rows it has, where they could be counted. */
export interface Sent {
  readonly job: FeedJob;
  readonly rows: number | null;
}

/**
 * Sends a feed: a small one in the request itself, a larger one to an address of its own first, so that it may be as large as a feed
 * may be and its way can be seen.
 */
export async function sendFeed(api: PartnerApi, way: Way, file: File, wish: FeedWish, onDoing: (doing: Doing) => void, signal: AbortSignal): Promise<Sent> {
  onDoing({ what: "preparing", share: null });
  const bytes = await file.arrayBuffer();
  const rows = countRows(file.name, bytes);
  way.key ??= crypto.randomUUID();
  if (file.size <= WHOLE_MAX_BYTES) {
    onDoing({ what: "asking", share: null });
    const job = await api.ingestFeed({ bytes, mediaType: mediaTypeOf(file.name), fileName: file.name }, wish, way.key);
    return { job, rows };
  }
  if (!way.stored) await store(api, way, file, bytes, onDoing, signal);
  signal.throwIfAborted();
  onDoing({ what: "asking", share: null });
  return { job: await api.ingestUpload(way.upload!.id, wish, way.key), rows };
}

async function store(api: PartnerApi, way: Way, file: File, bytes: ArrayBuffer, onDoing: (doing: Doing) => void, signal: AbortSignal): Promise<void> {
  way.upload ??= await api.createUpload({ bytes: file.size, sha256: await sha256Hex(bytes), media_type: mediaTypeOf(file.name), file_name: file.name.slice(0, 255) });
  onDoing({ what: "storing", share: 0 });
  try {
    await api.storeBytes(way.upload, file, (share) => onDoing({ what: "storing", share }), signal);
  } catch (error) {
    // What the address does not take now, it never will.
    if (error instanceof ApiProblem && (error.status === 400 || error.status === 403)) way.upload = null;
    throw error;
  }
  way.stored = true;
}

async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
