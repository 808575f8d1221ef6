import { createContext, useContext } from "react";
import type { Shop } from "../api/client";
import type { ShopConfig } from "../config/config";
import type { SessionKey } from "../privacy/session-key";
import type { Prepared } from "../sale/prepared";
import type { ShopTime } from "../sale/shop-time";

/** What every page may use: the API, the deployment's configuration, the page's key for personal data, the shop's time, what was prepared. */
export interface ShopTools {
  readonly shop: Shop;
  readonly config: ShopConfig;
  readonly sessionKey: SessionKey;
  readonly time: ShopTime;
  readonly prepared: Prepared;
}

const Tools = createContext<ShopTools | null>(null);

export const ShopProvider = Tools.Provider;

/** The tools of the page that is shown. */
export function useTools(): ShopTools {
  const tools = useContext(Tools);
  if (tools === null) throw new Error("useTools needs a ShopProvider above it");
  return tools;
}
