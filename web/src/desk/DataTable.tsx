import type { ReactNode } from "react";

interface DataTableProps {
  readonly label: string;
  readonly head: readonly string[];
  /** The columns of figures. */
  readonly numbers?: readonly string[];
  /** Whether it is read from top to bottom and as long as it is, rather than scrolled in itself. */
  readonly whole?: boolean;
  readonly children: ReactNode;
}

/**
 * A table whose head stays in view. It scrolls in itself where it is too wide or too long, by keyboard too. Where there is no room for
 * columns each row becomes a card, in which every value is named by its column.
 */
export function DataTable({ label, head, numbers = [], whole = false, children }: DataTableProps) {
  const names = Object.fromEntries(head.map((name, place) => [`--column-${place + 1}`, JSON.stringify(name)]));
  return (
    <div className={whole ? "table-place table-whole" : "table-place"} role="group" aria-label={label} tabIndex={0}>
      <table className="table" style={names}>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col" className={numbers.includes(name) ? "table-number" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** How much of a list is shown, and the way to more of it. */
export function ShowMore({ words, more, fetching, onMore }: { readonly words: string; readonly more: boolean; readonly fetching: boolean; readonly onMore: () => void }) {
  return (
    <div className="table-more">
      <p className="small soft figures" role="status">
        {words}
      </p>
      {more ? (
        <button type="button" className="button button-quiet" onClick={onMore} disabled={fetching}>
          {fetching ? "Fetching more" : "Show more"}
        </button>
      ) : null}
    </div>
  );
}
