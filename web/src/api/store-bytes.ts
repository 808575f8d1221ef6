import { ApiProblem, unreachable } from "./problem";
import type { Upload } from "./shapes";

/** The browser sets these by itself, and lets nobody else. */
const OWN_HEADERS = ["content-length", "host"];

/**
 * Stores the bytes at the address that the shop signed for just those bytes. `onShare` is told how much of them has gone (0 to 1), which
 * `fetch` cannot tell. Bytes that are there already are stored: the address takes them once.
 */
export function storeBytes(upload: Upload, bytes: Blob, onShare: (share: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const end = (outcome: () => void) => () => {
      signal.removeEventListener("abort", stop);
      outcome();
    };
    request.upload.onprogress = ({ loaded, total }) => onShare(total === 0 ? 0 : loaded / total);
    request.onload = end(() => (isStored(request.status) ? resolve() : reject(refused(request.status))));
    request.onerror = end(() => reject(unreachable()));
    request.onabort = end(() => reject(signal.reason as Error));
    signal.addEventListener("abort", stop);
    request.open(upload.method, upload.url);
    for (const [name, value] of Object.entries(upload.headers)) {
      if (!OWN_HEADERS.includes(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    request.send(bytes);
  });
}

/** 412: an earlier try stored them, though nobody heard of it. */
function isStored(status: number): boolean {
  return status === 200 || status === 412;
}

/** The store answers in words for programs. */
function refused(status: number): ApiProblem {
  const detail =
    status === 403
      ? "The address for this file counts no more. Send it again."
      : status === 400
        ? "The file arrived differently from how it was read here. Send it again; choose it anew if it has changed."
        : "The file could not be stored. Send it again.";
  return new ApiProblem(status, { code: "upload_refused", detail }, null);
}
