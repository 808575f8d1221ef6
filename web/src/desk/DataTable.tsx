import type { ReactNode } from "react";

/** A table whose head stays in view; `numbers` names the columns of figures. It scrolls in itself where it is too wide or too long, by keyboard too. */
export function DataTable({ label, head, numbers = [], children }: { readonly label: string; readonly head: readonly string[]; readonly numbers?: readonly string[]; readonly children: ReactNode }) {
  return (
    <div className="table-place" role="group" aria-label={label} tabIndex={0}>
      <table className="table">
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
