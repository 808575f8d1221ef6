import type { CsvPage } from "../api/partner";

/** A whole report as one CSV: its pages in their order, with the head of the first one alone. `told` hears how many pages have come. */
export async function wholeReport(page: (cursor: string | undefined) => Promise<CsvPage>, told: (pages: number) => void = () => undefined): Promise<string> {
  const parts: string[] = [];
  let head = "";
  let cursor: string | undefined;
  do {
    const { text, next } = await page(cursor);
    if (parts.length === 0) head = firstLine(text);
    const body = parts.length > 0 && firstLine(text) === head ? text.slice(head.length) : text;
    parts.push(body === "" || body.endsWith("\n") ? body : `${body}\n`);
    told(parts.length);
    cursor = next === cursor ? undefined : next;
  } while (cursor !== undefined);
  return parts.join("");
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return end === -1 ? text : text.slice(0, end + 1);
}

/** Hands `text` to the browser as a file to be saved. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to save by the next turn; holding the address longer would hold the bytes.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
