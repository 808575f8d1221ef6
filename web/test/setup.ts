import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 20_000 });

afterEach(() => cleanup());

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  if (typeof window === "undefined") return;
  sessionStorage.clear();
  localStorage.clear();
});

// The test environment has no modal dialogs, media queries, scrolling, captured pointers or bytes of files; the pages only need them to answer.
if (typeof window !== "undefined") {
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
  window.matchMedia = (query: string) =>
    ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList;
  Blob.prototype.arrayBuffer = function (this: Blob) {
    return new Promise((read) => {
      const reader = new FileReader();
      reader.onload = () => read(reader.result as ArrayBuffer);
      reader.readAsArrayBuffer(this);
    });
  };
  // The runner's cryptography knows only the runner's own buffers.
  const digest = crypto.subtle.digest.bind(crypto.subtle);
  crypto.subtle.digest = (algorithm, bytes) => digest(algorithm, Buffer.from(new Uint8Array(bytes as ArrayBuffer)));
  window.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.hasPointerCapture = () => false;
}
