import { operations } from "virtual:partner-reference";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { CopyLine } from "../desk/CopyLine";
import { DataTable } from "../desk/DataTable";
import { Prose } from "./Prose";
import { curlSample, type Operation } from "./samples";
import "./portal.css";

const NEEDS: Record<Operation["needs"], string> = {
  key: "Needs your key in X-API-Key.",
  signature: "Needs a signature with your webhook secret.",
  nothing: "Needs no key.",
};

/** The partners' part of the API, from the contract that the shop itself is built on. */
export default function ReferencePage() {
  const { config } = useTools();
  useTitle("API");
  const origin = config.apiUrl === "" ? location.origin : config.apiUrl;
  return (
    <div className="page desk-page">
      <h1>API</h1>
      <p className="reference-lead">
        {"Every call goes to "}
        <code className="desk-code">{origin}</code>
        {". Put your key into RUSSET_KEY and the lines below run as they stand. A refusal says what is wrong in "}
        <code>detail</code>
        {", by a stable name in "}
        <code>code</code>
        {", and with a reference for us in "}
        <code>instance</code>.
      </p>
      <nav aria-label="Calls">
        <ul className="reference-list">
          {operations.map((operation) => (
            <li key={operation.id}>
              <a href={`#${operation.id}`}>
                <code className="reference-method">{operation.method}</code> <code className="desk-code">{operation.path}</code>
              </a>
              <span className="small soft">{operation.summary}</span>
            </li>
          ))}
        </ul>
      </nav>
      {operations.map((operation) => (
        <Call key={operation.id} operation={operation} origin={origin} />
      ))}
    </div>
  );
}

function Call({ operation, origin }: { readonly operation: Operation; readonly origin: string }) {
  return (
    <section id={operation.id} className="reference-call" aria-labelledby={`${operation.id}-title`}>
      <h2 id={`${operation.id}-title`}>{operation.summary}</h2>
      <p className="desk-code">
        <code className="reference-method">{operation.method}</code> <code>{operation.path}</code>
      </p>
      {operation.description ? <Prose text={operation.description} /> : null}
      <p className="small soft">{NEEDS[operation.needs]}</p>
      {operation.parameters.length > 0 ? (
        <DataTable label={`Parameters of ${operation.method} ${operation.path}`} head={["Parameter", "Where", "Needed", "What it is"]}>
          {operation.parameters.map((parameter) => (
            <tr key={`${parameter.place} ${parameter.name}`}>
              <td>
                <code>{parameter.name}</code>
              </td>
              <td>{parameter.place}</td>
              <td>{parameter.required ? "Yes" : "No"}</td>
              <td className="table-words">
                <Prose text={parameter.about} />
              </td>
            </tr>
          ))}
        </DataTable>
      ) : null}
      <CopyLine label={`Sample for ${operation.method} ${operation.path}`} text={curlSample(origin, operation)} block />
      {operation.answers.map((answer) => (
        <div key={answer.status} className="reference-part">
          <p>
            <strong className="figures">{answer.status}</strong> {answer.about}
          </p>
          {answer.example ? (
            <details>
              <summary>Example</summary>
              <pre className="reference-example" tabIndex={0}>
                <code>{answer.example}</code>
              </pre>
            </details>
          ) : null}
        </div>
      ))}
    </section>
  );
}
