/** One field's fault in a refused request. `pointer` is a JSON pointer into the body, such as `/address/city`. */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
  readonly rule?: string;
}

/** The four texts that people see verbatim, by status; used only when an answer of that status brought no words of its own. */
const FIXED_TEXTS: Readonly<Record<number, string>> = {
  402: "Payment could not be processed. Please try again or use different payment method.",
  409: "This item is no longer available.",
  429: "Too many requests. Please wait and try again.",
  503: "System experiencing high traffic. Please try again shortly.",
};

/** Codes of a 503 that the shop gives before anything was written. Any other 503 may have come in the middle of the work. */
const BEGUN_NOTHING: readonly string[] = ["payments_unavailable"];

const UNREACHABLE = "We could not reach the shop. Check your connection and try again.";
const UNKNOWN = "Something went wrong on our side. Please try again.";

/** What a failed call means to a person: words, a status (0 when no answer came), a reference to quote to support. */
export class ApiProblem extends Error {
  /** HTTP status, or 0 when the network failed. */
  readonly status: number;
  /** Stable code of the fault, such as `quote_expired`; empty when the answer was not a problem document. */
  readonly code: string;
  /** What to quote to support: the request's id, or its trace id, or nothing. */
  readonly reference: string | null;
  /** Faults of single fields, if the API named any. */
  readonly faults: readonly FieldFault[];
  /** Seconds to wait before asking again, if the API said so. */
  readonly retryAfter: number | null;
  /** The whole problem document, for members of single codes, such as the new quote of `quote_expired`. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(status: number, document: Record<string, unknown>, retryAfter: number | null) {
    super(wordsFor(status, document));
    this.name = "ApiProblem";
    this.status = status;
    this.document = document;
    this.retryAfter = retryAfter;
    this.code = text(document.code) ?? "";
    this.reference = referenceOf(document);
    this.faults = Array.isArray(document.errors) ? document.errors.filter(isFieldFault) : [];
  }

  /** True when the call may have had an effect that we were not told of. */
  get undecided(): boolean {
    return !this.untouched && (this.status === 0 || this.status >= 500 || this.inFlight);
  }

  /** True when the shop asked to be asked later and has begun nothing: no order, no charge. The same key may be used again. */
  get untouched(): boolean {
    return this.status === 429 || (this.status === 503 && BEGUN_NOTHING.includes(this.code));
  }

  /** True when an earlier request with the same idempotency key is still running. */
  get inFlight(): boolean {
    return this.status === 409 && this.retryAfter !== null && this.code !== "sale_not_open";
  }
}

/** The network failed: no answer came, or it was cut off. */
export function unreachable(): ApiProblem {
  return new ApiProblem(0, {}, null);
}

function wordsFor(status: number, document: Record<string, unknown>): string {
  return text(document.detail) ?? FIXED_TEXTS[status] ?? (status === 0 ? UNREACHABLE : (text(document.title) ?? UNKNOWN));
}

function referenceOf(document: Record<string, unknown>): string | null {
  return text(document.instance)?.replace(/^urn:request:/, "") ?? text(document.trace_id) ?? null;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isFieldFault(value: unknown): value is FieldFault {
  return typeof value === "object" && value !== null && "pointer" in value && "detail" in value;
}
