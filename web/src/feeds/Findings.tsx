import type { FeedCounts, FeedRefusal, Rejection } from "../api/shapes";
import { DataTable } from "../desk/DataTable";
import { countWords } from "../desk/words";

/** What was counted of a feed. */
export function Counts({ counts }: { readonly counts: FeedCounts }) {
  const facts: readonly [string, number][] = [["Rows read", counts.seen], ["Right", counts.accepted], ["Wrong", counts.rejected], ["Said before", counts.merged], ["Changes", counts.changed]];
  return (
    <dl className="desk-facts">
      {facts.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{countWords(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Why a feed was not taken, and how to mend that. */
export function Refusal({ refusal }: { readonly refusal: NonNullable<FeedRefusal> }) {
  return (
    <div className="notice notice-danger">
      <p className="notice-title">{refusal.line ? `The feed was refused at line ${refusal.line}` : "The feed was refused"}</p>
      <p>{refusal.detail}</p>
      <p>{refusal.hint}</p>
      <p className="reference">{`Rule ${refusal.rule}`}</p>
    </div>
  );
}

/** How often each rule was broken. A rule that is chosen is the only one that the table shows. */
export function ByRule({ byRule, chosen, onChoose }: { readonly byRule: Readonly<Record<string, number>>; readonly chosen: string; readonly onChoose: (rule: string) => void }) {
  const rules = Object.entries(byRule).sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  if (rules.length === 0) return null;
  return (
    <div className="rules" role="group" aria-label="Show one rule only">
      {rules.map(([rule, count]) => (
        <button key={rule} type="button" className={rule === chosen ? "chip rule rule-chosen" : "chip rule"} aria-pressed={rule === chosen} onClick={() => onChoose(rule === chosen ? "" : rule)}>
          {rule}
          <span className="figures soft">{countWords(count)}</span>
        </button>
      ))}
    </div>
  );
}

/** What is wrong, row by row, and how to mend it. */
export function RejectionTable({ rejections }: { readonly rejections: readonly Rejection[] }) {
  return (
    <DataTable label="What is wrong" head={["Line", "Row", "Field", "What is wrong", "How to mend it", "The value"]} numbers={["Line", "Row"]}>
      {rejections.map((rejection, place) => (
        <tr key={place}>
          <td className="table-number">{rejection.line === 0 ? "" : rejection.line}</td>
          <td className="table-number">{rejection.row}</td>
          <td className="table-code">{rejection.field}</td>
          <td className="table-words">{rejection.detail}</td>
          <td className="table-words">{rejection.hint}</td>
          <td className="table-code">
            {rejection.value_start === "" ? <span className="soft">empty</span> : <code>{rejection.value_start}</code>}
          </td>
        </tr>
      ))}
    </DataTable>
  );
}
