/** A moment as a table says it: `5 Jan 2026, 10:00`. */
export function momentWords(time: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

/** A moment to the second, where several lie close together: `5 Jan 2026, 10:00:03`. */
export function exactWords(time: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(time));
}

/** A day as a table says it. */
export function dayWords(time: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(new Date(time));
}

/** A count with its thousands set apart. */
export function countWords(count: number): string {
  return new Intl.NumberFormat(undefined).format(count);
}

/** `1 row`, `1,200 rows`. */
export function manyWords(count: number, one: string, many = `${one}s`): string {
  return `${countWords(count)} ${count === 1 ? one : many}`;
}

/** A size as people say it: `120 bytes`, `34 KB`, `2.4 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_024) return manyWords(bytes, "byte");
  if (bytes < 1_048_576) return `${countWords(Math.ceil(bytes / 1_024))} KB`;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(Math.ceil((bytes / 1_048_576) * 10) / 10)} MB`;
}
