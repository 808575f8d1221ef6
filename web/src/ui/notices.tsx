import { createContext, lazy, Suspense, useCallback, useContext, useState, type ReactNode } from "react";

/** A short notice at the foot of the window, with at most one thing to do about it. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

type Say = (text: string, action?: Notice["action"]) => void;

const Saying = createContext<Say>(() => undefined);
const Toasts = lazy(() => import("./Toasts"));

/** Shows notices for the pages inside it. The part that draws them is loaded with the first notice. */
export function NoticeProvider({ children }: { readonly children: ReactNode }) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const [used, setUsed] = useState(false);
  const say = useCallback<Say>((text, action) => {
    setUsed(true);
    setNotices((before) => [...before.slice(-2), { id: (before.at(-1)?.id ?? 0) + 1, text, ...(action ? { action } : {}) }]);
  }, []);
  const gone = useCallback((id: number) => setNotices((before) => before.filter((notice) => notice.id !== id)), []);
  return (
    <Saying value={say}>
      {children}
      {used ? (
        <Suspense fallback={null}>
          <Toasts notices={notices} onGone={gone} />
        </Suspense>
      ) : null}
    </Saying>
  );
}

/** Says something short at the foot of the window. */
export function useSay(): Say {
  return useContext(Saying);
}
