import type { ReactNode } from "react";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Sheet } from "../ui/Sheet";
import "./portal.css";

/** The mutation that an answer of yes begins. */
interface Deed {
  readonly isPending: boolean;
  readonly error: unknown;
  readonly mutate: () => void;
}

/** Asks once whether something shall really be done: what it means, a way on and a way back. */
export function Ask(props: { readonly title: string; readonly yes: string; readonly no: string; readonly open: boolean; readonly deed: Deed; readonly onClose: () => void; readonly children: ReactNode }) {
  const { title, yes, no, open, deed, onClose, children } = props;
  // A button that is disabled would lose the focus of whoever pressed it by keyboard.
  const begin = () => {
    if (!deed.isPending) deed.mutate();
  };
  return (
    <Sheet
      title={title}
      side="centre"
      open={open}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button button-wide" aria-disabled={deed.isPending} onClick={begin}>
            {yes}
          </button>
          <button type="button" className="button button-quiet button-wide" onClick={onClose}>
            {no}
          </button>
        </>
      }
    >
      <div className="portal-ask">
        {children}
        {deed.error ? <ErrorNotice error={deed.error} /> : null}
      </div>
    </Sheet>
  );
}
