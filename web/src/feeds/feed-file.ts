import { sizeWords } from "../desk/words";

/** The most that is checked at once, the most that is sent in one request, and the most that is taken, in bytes. */
export const CHECK_MAX_BYTES = 1_048_576;
export const WHOLE_MAX_BYTES = 524_288;
export const SEND_MAX_BYTES = 268_435_456;
const MAPPING_MAX = 8_192;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  tab: "text/tab-separated-values",
  txt: "text/plain",
  json: "application/json",
  ndjson: "application/x-ndjson",
  jsonl: "application/x-ndjson",
  xml: "application/xml",
  rss: "application/rss+xml",
  atom: "application/atom+xml",
  gz: "application/gzip",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
const LINES = ["csv", "tsv", "tab", "txt"];
const LINES_WITHOUT_HEAD = ["ndjson", "jsonl"];

/** What a feed is sent as, by the ending of its file. What no ending says, the shop finds out by itself. */
export function mediaTypeOf(fileName: string): string {
  return MEDIA_TYPES[endingOf(fileName)] ?? "application/octet-stream";
}

function endingOf(fileName: string): string {
  return /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
}

/** Why the file cannot be checked or sent, in words; `null` when it can. */
export function faultOfFile(file: { readonly size: number } | null, errand: "check" | "send"): string | null {
  if (file === null) return "Choose a file first.";
  if (file.size === 0) return "The file is empty. Choose one with rows in it.";
  if (file.size > SEND_MAX_BYTES) return `A feed has at most ${sizeWords(SEND_MAX_BYTES)}, and this one has ${sizeWords(file.size)}. Pack it with gzip, or split it.`;
  if (errand === "check" && file.size > CHECK_MAX_BYTES) return `Up to ${sizeWords(CHECK_MAX_BYTES)} can be checked at once, and this file has ${sizeWords(file.size)}. Send it: a key of the sandbox has it checked and stores nothing.`;
  return null;
}

/** Why the mapping cannot be sent, in words; `null` when it can. An empty one is none. */
export function faultOfMapping(mapping: string): string | null {
  const text = mapping.trim();
  if (text === "") return null;
  if (text.length > MAPPING_MAX) return `A mapping has at most ${MAPPING_MAX} characters, and this one has ${text.length}.`;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return null;
    return "A mapping is a JSON object: it begins with { and ends with }.";
  } catch (error) {
    return `This is not JSON yet: ${error instanceof Error ? error.message : "it does not read"}.`;
  }
}

/** Counts the rows of a feed of lines, roughly (a value may hold line breaks). */
export class RowCounter {
  readonly #head: number | null;
  #lines = 0;
  #begun = false;

  constructor(fileName: string) {
    const ending = endingOf(fileName);
    this.#head = LINES.includes(ending) ? 1 : LINES_WITHOUT_HEAD.includes(ending) ? 0 : null;
  }

  /** The bytes that come next. */
  add(bytes: Uint8Array): void {
    if (this.#head === null) return;
    for (const byte of bytes) {
      if (byte === 10) {
        this.#lines += this.#begun ? 1 : 0;
        this.#begun = false;
      } else if (byte !== 13) this.#begun = true;
    }
  }

  /** How many there were; `null` where the format has no lines to count. */
  get rows(): number | null {
    return this.#head === null ? null : Math.max(0, this.#lines + (this.#begun ? 1 : 0) - this.#head);
  }
}

/** How many rows a feed has that is here as a whole. */
export function countRows(fileName: string, bytes: ArrayBuffer): number | null {
  const counter = new RowCounter(fileName);
  counter.add(new Uint8Array(bytes));
  return counter.rows;
}
