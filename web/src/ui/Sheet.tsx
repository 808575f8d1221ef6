import { useEffect, useId, useRef, type MouseEvent, type ReactNode } from "react";
import { Icon } from "./Icon";

/**
 * A drawer, sheet or question on the browser's own modal dialog: it keeps the focus inside, makes the page behind inert, closes on Escape,
 * and gives the focus back. (Libraries for this lock scrolling with an inline style sheet, which our content security policy refuses.)
 */
export function Sheet(props: {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly side?: "right" | "left" | "centre";
  readonly children: ReactNode;
  readonly foot?: ReactNode;
}) {
  const { title, open, onClose, side = "right", children, foot } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    if (open && !element.open) element.showModal();
    if (!open && element.open) element.close();
  }, [open]);

  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };

  return (
    <dialog ref={dialog} className={`sheet sheet-${side}`} aria-labelledby={titleId} onClose={onClose} onMouseDown={closeOnBackdrop}>
      {open ? (
        <>
          <div className="sheet-head">
            <h2 id={titleId} tabIndex={-1}>
              {title}
            </h2>
            <button type="button" className="button-round" aria-label="Close" onClick={onClose}>
              <Icon name="close" />
            </button>
          </div>
          <div className="sheet-body">{children}</div>
          {foot ? <div className="sheet-foot">{foot}</div> : null}
        </>
      ) : null}
    </dialog>
  );
}
