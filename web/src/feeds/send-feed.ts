import type { FeedWish, PartnerApi } from "../api/partner";
import { ApiProblem } from "../api/problem";
import type { FeedJob, Upload } from "../api/shapes";
import { mediaTypeOf, RowCounter, WHOLE_MAX_BYTES } from "./feed-file";

/** What has been done for a file so far: whoever sends it again goes on from there, and not from the beginning. */
export interface Way {
  /** Names the request that has the feed read; another wish needs another. */
  readonly key: string | null;
  /** Where its bytes go, and whether they are there. */
  readonly upload: Upload | null;
  readonly stored: boolean;
}

export const NEW_WAY: Way = { key: null, upload: null, stored: false };

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

/** One sending of a file. It tells how far it is as long as it is wanted, and what it has done for whoever comes after it. */
export interface Errand {
  readonly way: Way;
  readonly file: File;
  readonly wish: FeedWish;
  readonly signal: AbortSignal;
  readonly onDoing: (doing: Doing) => void;
  readonly onWay: (way: Way) => void;
}

/** Bytes that are counted in one go. */
const STEP_BYTES = 4_194_304;
/** An address that ends sooner than this is not begun with: a large file takes its time. */
const LEFT_MS = 10 * 60_000;

/**
 * Sends a feed: a small one in the request itself, a larger one to an address of its own first, so that it may be as large as a feed
 * may be and its way can be seen.
 */
export async function sendFeed(api: PartnerApi, errand: Errand): Promise<Sent> {
  const { file, wish, signal, onDoing } = errand;
  const key = errand.way.key ?? crypto.randomUUID();
  let way: Way = { ...errand.way, key };
  const become = (part: Partial<Way>) => {
    signal.throwIfAborted();
    way = { ...way, ...part };
    errand.onWay(way);
  };
  become({});
  onDoing({ what: "preparing", share: null });
  const small = file.size <= WHOLE_MAX_BYTES;
  const { rows, bytes, sha256 } = await read(file, small || way.upload !== null ? "rows" : "hash");
  signal.throwIfAborted();
  if (small) {
    onDoing({ what: "asking", share: null });
    return { job: await api.ingestFeed({ bytes, mediaType: mediaTypeOf(file.name), fileName: file.name }, wish, key, signal), rows };
  }
  for (let round = 1; ; round += 1) {
    if (!way.stored) {
      if (way.upload === null || Date.parse(way.upload.expires_at) - Date.now() < LEFT_MS) {
        const hash = sha256 ?? (await read(file, "hash")).sha256!;
        become({ upload: await api.createUpload({ bytes: file.size, sha256: hash, media_type: mediaTypeOf(file.name), file_name: file.name.slice(0, 255) }, signal) });
      }
      onDoing({ what: "storing", share: 0 });
      await store(api, way.upload!, errand, become);
      become({ stored: true });
    }
    onDoing({ what: "asking", share: null });
    try {
      return { job: await api.ingestUpload(way.upload!.id, wish, way.key!, signal), rows };
    } catch (error) {
      // It was said to be there and is not: once more from the beginning, under another key, since this refusal is remembered.
      if (!(error instanceof ApiProblem && error.code === "upload_missing") || round > 1) throw error;
      become({ key: crypto.randomUUID(), upload: null, stored: false });
    }
  }
}

async function store(api: PartnerApi, upload: Upload, { file, signal, onDoing }: Errand, become: (part: Partial<Way>) => void): Promise<void> {
  try {
    await api.storeBytes(upload, file, (share) => onDoing({ what: "storing", share }), signal);
  } catch (error) {
    // What the address does not take now, it never will.
    if (error instanceof ApiProblem && (error.status === 400 || error.status === 403)) become({ upload: null });
    if (error instanceof ApiProblem && error.status === 0) await read(file.slice(0, 1), "rows");
    throw error;
  }
}

/** What is wanted of a file's bytes. Nothing of a large file stays in memory but that. */
async function read(file: Blob & { readonly name?: string }, want: "rows" | "hash"): Promise<{ readonly bytes: ArrayBuffer; readonly rows: number | null; readonly sha256: string | null }> {
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    throw new ApiProblem(422, { code: "file_changed", detail: "The file has changed since it was chosen. Choose it anew." }, null);
  }
  const counter = new RowCounter(file.name ?? "");
  for (let at = 0; at < bytes.byteLength; at += STEP_BYTES) {
    counter.add(new Uint8Array(bytes, at, Math.min(STEP_BYTES, bytes.byteLength - at)));
    // The page answers in between.
    if (bytes.byteLength > STEP_BYTES) await new Promise((go) => setTimeout(go));
  }
  const sha256 = want === "hash" ? await sha256Hex(bytes) : null;
  return { bytes: file.size <= WHOLE_MAX_BYTES ? bytes : new ArrayBuffer(0), rows: counter.rows, sha256 };
}

async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
