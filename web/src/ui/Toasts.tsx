import * as Toast from "@radix-ui/react-toast";
import type { Notice } from "./notices";

/** The short notices at the foot of the window; announced to screen readers, kept while the pointer or the focus rests on them. */
export default function Toasts({ notices, onGone }: { readonly notices: readonly Notice[]; readonly onGone: (id: number) => void }) {
  return (
    <Toast.Provider label="Notice" duration={6_000} swipeDirection="down">
      {notices.map((notice) => (
        <Toast.Root key={notice.id} className="toast" onOpenChange={(open) => (open ? undefined : onGone(notice.id))}>
          <Toast.Description>{notice.text}</Toast.Description>
          {notice.action ? (
            <Toast.Action altText={notice.action.label} onClick={notice.action.run}>
              {notice.action.label}
            </Toast.Action>
          ) : null}
        </Toast.Root>
      ))}
      <Toast.Viewport className="toasts" />
    </Toast.Provider>
  );
}
