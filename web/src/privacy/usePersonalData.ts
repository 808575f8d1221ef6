import { useEffect, useState, useSyncExternalStore } from "react";
import type { PersonalData } from "../api/client";
import { useTools } from "../app/shop-context";

/** What an order's sealed member says, for as long as this page's key lives; null while it may not or cannot be read. */
export function usePersonalData(sealed: string | null | undefined): PersonalData | null {
  const { sessionKey } = useTools();
  const live = useSyncExternalStore(sessionKey.subscribe, sessionKey.isLive);
  const [opened, setOpened] = useState<{ sealed: string; data: PersonalData } | null>(null);

  useEffect(() => {
    setOpened(null);
    if (!sealed || !live) return undefined;
    let wanted = true;
    sessionKey
      .open(sealed)
      .then((text) => wanted && setOpened({ sealed, data: JSON.parse(text) as PersonalData }))
      .catch(() => wanted && setOpened(null));
    return () => {
      wanted = false;
    };
  }, [sealed, live, sessionKey]);

  return live && opened !== null && opened.sealed === sealed ? opened.data : null;
}
