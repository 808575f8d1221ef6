/** The shop's line icons, one stroke weight, drawn on a 24-unit grid. Decorative: the control around them carries the name. */
const PATHS = {
  search: "M10.5 17.5a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 5 5",
  bag: "M5 8.5h14l-.9 12H5.9L5 8.5Zm3.5 0V7a3.5 3.5 0 0 1 7 0v1.5",
  close: "m6 6 12 12M18 6 6 18",
  plus: "M12 5.5v13M5.5 12h13",
  minus: "M5.5 12h13",
  check: "m5 12.5 4.5 4.5L19 7.5",
  arrow: "M4.5 12h15m-6-6 6 6-6 6",
  chevron: "m6.5 9.5 5.5 5.5 5.5-5.5",
  sliders: "M4 7.5h9m4 0h3M4 16.5h3m4 0h9M15 5.5v4M9 14.5v4",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-13v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4",
  moon: "M19.5 14.2A7.8 7.8 0 0 1 9.8 4.5a7.8 7.8 0 1 0 9.7 9.7Z",
  receipt: "M6 3.5h12v17l-2.4-1.6-1.8 1.6-1.8-1.6-1.8 1.6-1.8-1.6L6 20.5v-17ZM9 8h6m-6 4h6",
  truck: "M3 6.5h11v10H3v-10Zm11 3.5h4l3 3.5v3h-7V10ZM7 19a1.8 1.8 0 1 0 0-3.6A1.8 1.8 0 0 0 7 19Zm10 0a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z",
  lock: "M6 10.5h12v9.5H6v-9.5Zm2.5 0V8a3.5 3.5 0 0 1 7 0v2.5",
  leaf: "M5 19c0-8 4.5-13.5 14-14 .5 9-4.5 14-12 13.5M5 19c1.5-4 4-6.5 7.5-8.5",
  alert: "M12 8v5m0 3.2v.1M12 3.5 21.5 20h-19L12 3.5Z",
} as const;

export type IconName = keyof typeof PATHS;

/** One icon; `size` in pixels. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
