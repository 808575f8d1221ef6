import type { ReactNode } from "react";
import type { PartnerKey } from "../api/shapes";
import { DataTable } from "../desk/DataTable";
import { dayWords, momentWords } from "../desk/words";
import { scopeWords, WORLD_WORDS } from "./partner-words";
import "./partners.css";

const HEAD = ["Key", "World", "For", "Made", "Last used", "Ends", "Counts"];

/** A partner's keys by their names. `action` is what can be done about one. */
export function KeyTable({ keys, action }: { readonly keys: readonly PartnerKey[]; readonly action?: (key: PartnerKey) => ReactNode }) {
  return (
    <DataTable label="Keys" head={action ? [...HEAD, "Action"] : HEAD}>
      {keys.map((key) => (
        <tr key={key.id}>
          <td>
            <code>{key.id}</code>
          </td>
          <td>{WORLD_WORDS[key.world]}</td>
          <td className="table-code">{scopeWords(key.scopes)}</td>
          <td className="figures">{dayWords(key.created_at)}</td>
          <td className="figures">{key.last_used_at ? momentWords(key.last_used_at) : "Never"}</td>
          <td className="figures">{dayWords(key.expires_at)}</td>
          <td>
            <span className={key.counts ? "flag flag-leaf" : "flag flag-soft"}>{countsWords(key)}</span>
            {key.revoked_at ? <span className="small soft figures key-when">{dayWords(key.revoked_at)}</span> : null}
          </td>
          {action ? <td>{action(key)}</td> : null}
        </tr>
      ))}
    </DataTable>
  );
}

function countsWords(key: PartnerKey): string {
  if (key.counts) return "Counts";
  return key.revoked_at ? "Revoked" : "Ended";
}
