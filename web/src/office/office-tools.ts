import { createContext, useContext } from "react";
import type { StaffApi } from "../api/staff";

const Api = createContext<StaffApi | null>(null);

export const StaffApiProvider = Api.Provider;

/** The staff's API of who is signed in. */
export function useStaffApi(): StaffApi {
  const api = useContext(Api);
  if (api === null) throw new Error("useStaffApi needs a StaffApiProvider above it");
  return api;
}
