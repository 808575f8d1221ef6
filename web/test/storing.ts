import { vi } from "vitest";

/** One try to store bytes, as the page makes it, and what the test makes of it. */
export class StoreTry {
  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  readonly headers: Record<string, string> = {};
  status = 0;
  aborted = false;
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;

  open(): void {}
  send(): void {}
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  abort(): void {
    this.aborted = true;
    this.onabort?.();
  }

  /** So much has gone. */
  gone(loaded: number, total: number): void {
    this.upload.onprogress?.({ loaded, total });
  }
  /** The store answers. */
  ends(status: number): void {
    this.status = status;
    this.onload?.();
  }
  /** The connection breaks. */
  breaks(): void {
    this.onerror?.();
  }
}

/** A store that the test speaks for. */
export function storing(): { readonly tries: readonly StoreTry[] } {
  const tries: StoreTry[] = [];
  vi.stubGlobal(
    "XMLHttpRequest",
    class extends StoreTry {
      constructor() {
        super();
        tries.push(this);
      }
    },
  );
  return { tries };
}
