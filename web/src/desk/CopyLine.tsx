import { useState } from "react";

/** Something to be taken along, with a button that copies it. `block` keeps its lines. */
export function CopyLine({ label, text, block = false }: { readonly label: string; readonly text: string; readonly block?: boolean }) {
  const [outcome, setOutcome] = useState<"" | "Copied" | "Not copied: select it and copy it by hand">("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("Copied");
    } catch {
      // The clipboard may be closed to us; the text stands there to be selected.
      setOutcome("Not copied: select it and copy it by hand");
    }
  };
  return (
    <div className="copy">
      <div className="copy-head">
        <span className="copy-label">{label}</span>
        <span className="small soft" role="status">
          {outcome}
        </span>
        <button type="button" className="button button-quiet copy-button" aria-label={`Copy: ${label}`} onClick={() => void copy()}>
          Copy
        </button>
      </div>
      {block ? (
        <pre className="copy-text" tabIndex={0} role="group" aria-label={label}>
          <code>{text}</code>
        </pre>
      ) : (
        <code className="copy-text">{text}</code>
      )}
    </div>
  );
}
