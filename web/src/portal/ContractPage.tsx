import { useQuery } from "@tanstack/react-query";
import type { FeedContract } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { CopyLine } from "../desk/CopyLine";
import { DataTable } from "../desk/DataTable";
import { ErrorNotice } from "../ui/ErrorNotice";
import { MappingReference } from "./MappingHelp";
import { contractQuery, usePartnerApi } from "./portal-tools";
import "./portal.css";

/** What a feed may say: its fields, its formats with an example each, and every rule with its hint. */
export function ContractPage() {
  const api = usePartnerApi();
  useTitle("Feed contract");
  const contract = useQuery(contractQuery(api));
  return (
    <div className="page desk-page">
      <div className="desk-title">
        <h1>Feed contract</h1>
        {contract.data ? <span className="flag flag-soft">{`Version ${contract.data.version}`}</span> : null}
      </div>
      {contract.isError ? <ErrorNotice title="The contract did not load" error={contract.error} onRetry={() => void contract.refetch()} /> : null}
      {contract.isPending ? <p className="soft" role="status">Fetching the contract</p> : null}
      {contract.data ? <Contract contract={contract.data} /> : null}
    </div>
  );
}

function Contract({ contract }: { readonly contract: FeedContract }) {
  return (
    <>
      <section>
        <h2>Fields</h2>
        <DataTable whole label="Fields" head={["Field", "Needed", "What it is"]}>
          {contract.fields.map((field) => (
            <tr key={field.field}>
              <td>
                <code>{field.field}</code>
              </td>
              <td>{field.required ? "Always" : "No"}</td>
              <td className="table-words">{field.about}</td>
            </tr>
          ))}
        </DataTable>
      </section>
      <section>
        <h2>Formats</h2>
        {inOrder(contract.formats).map((format) => (
          <article key={format.format} className="reference-part">
            <h3>{format.format}</h3>
            <p className="small soft desk-code">{format.media_types.join(", ")}</p>
            {format.example === "" ? <p className="small">It is no text, so there is no example to show.</p> : <CopyLine label={`Example in ${format.format}`} text={format.example} block />}
          </article>
        ))}
      </section>
      <section id="mapping" aria-labelledby="mapping-title">
        <h2 id="mapping-title">Mapping</h2>
        <MappingReference mapping={contract.mapping} />
      </section>
      <section>
        <h2>Rules</h2>
        <DataTable whole label="Rules" head={["Rule", "What is wrong", "How to mend it"]}>
          {contract.rules.map((rule) => (
            <tr key={rule.rule}>
              <td>
                <code>{rule.rule}</code>
              </td>
              <td className="table-words">{rule.message}</td>
              <td className="table-words">{rule.hint}</td>
            </tr>
          ))}
        </DataTable>
      </section>
    </>
  );
}

/** What can be read here and copied comes first. */
function inOrder(formats: FeedContract["formats"]): FeedContract["formats"] {
  return [...formats].sort((one, other) => Number(one.example === "") - Number(other.example === "") || one.format.localeCompare(other.format));
}
