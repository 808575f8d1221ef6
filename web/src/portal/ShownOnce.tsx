import { useEffect, useRef, type ReactNode } from "react";
import { CopyLine } from "../desk/CopyLine";
import "./portal.css";

/** The one sight of something secret, until whoever looks at it says that they have kept it. It takes the focus and comes into view with it, so that nobody misses it. */
export function ShownOnce({ label, text, onKept, children }: { readonly label: string; readonly text: string; readonly onKept: () => void; readonly children?: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div className="portal-once" role="group" aria-label={label} ref={box} tabIndex={-1}>
      <p className="notice" role="alert">
        Keep it now. It is shown this once, and nobody can show it again.
      </p>
      <CopyLine label={label} text={text} />
      {children}
      <button type="button" className="button button-quiet" onClick={onKept}>
        I have kept it
      </button>
    </div>
  );
}
