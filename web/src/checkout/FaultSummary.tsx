import { fieldId, type FieldName, type FormFault } from "./form";

/** Everything that a form needs mended, each with the way to its field. Whoever shows it gives it the focus. */
export function FaultSummary({ faults }: { readonly faults: readonly FormFault[] }) {
  return (
    <div className="notice notice-danger" role="alert">
      <p className="notice-title">{faults.length === 1 ? "One thing needs mending" : `${faults.length} things need mending`}</p>
      <ul>
        {faults.map((fault) => (
          <li key={fault.field}>
            <a href={`#${fieldId(fault.field)}`} onClick={(event) => goTo(event, fault.field)}>
              {fault.words}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function goTo(event: { preventDefault: () => void }, field: FieldName): void {
  const control = document.getElementById(fieldId(field));
  if (control === null) return;
  event.preventDefault();
  control.focus();
  control.scrollIntoView({ block: "center" });
}
