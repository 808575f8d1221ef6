import { useQuery } from "@tanstack/react-query";
import type { FeedMapping } from "../api/shapes";
import { CopyLine } from "../desk/CopyLine";
import { DataTable } from "../desk/DataTable";
import { ErrorNotice } from "../ui/ErrorNotice";
import { contractQuery, usePartnerApi } from "./portal-tools";
import "./portal.css";

/** How a mapping is written, where one is being written. */
export function MappingHelp() {
  const contract = useQuery(contractQuery(usePartnerApi()));
  if (contract.isError) return <ErrorNotice title="The contract did not load" error={contract.error} onRetry={() => void contract.refetch()} />;
  if (!contract.data) return <p className="soft" role="status">Fetching the contract</p>;
  return <MappingReference mapping={contract.data.mapping} />;
}

/** How to say which fields mean what, where their names do not. */
export function MappingReference({ mapping }: { readonly mapping: FeedMapping }) {
  return (
    <div className="mapping-reference">
      <p className="prose">
        A feed whose fields have names that we know needs none: ours, and those of Shopify, WooCommerce, Google Merchant, Facebook and others. For any
        other say which field means what, as JSON, and send it with the feed. Capitals, blanks, hyphens and underscores in names make no difference.
      </p>
      <CopyLine label="A mapping" text={mapping.example} block />
      <Parts label="What a mapping says" head={["Member", "What it says"]} parts={mapping.members} />
      <Parts label="Fields of a mapping" head={["Field", "What it says of a product"]} parts={mapping.fields} />
    </div>
  );
}

function Parts({ label, head, parts }: { readonly label: string; readonly head: readonly string[]; readonly parts: FeedMapping["fields"] }) {
  return (
    <DataTable whole label={label} head={head}>
      {parts.map(({ name, about }) => (
        <tr key={name}>
          <td>
            <code>{name}</code>
          </td>
          <td className="table-words">{about}</td>
        </tr>
      ))}
    </DataTable>
  );
}
