import { createContext, useContext } from "react";
import { queryOptions } from "@tanstack/react-query";
import type { PartnerApi } from "../api/partner";

const Api = createContext<PartnerApi | null>(null);

export const PartnerApiProvider = Api.Provider;

/** The partners' API of who is signed in. */
export function usePartnerApi(): PartnerApi {
  const api = useContext(Api);
  if (api === null) throw new Error("usePartnerApi needs a PartnerApiProvider above it");
  return api;
}

/** The partner who is signed in. */
export function partnerQuery(api: PartnerApi) {
  return queryOptions({ queryKey: ["portal", "me"], queryFn: ({ signal }) => api.getPartner(signal), staleTime: 5_000 });
}

/** What a feed may say. It changes with a deployment. */
export function contractQuery(api: PartnerApi) {
  return queryOptions({ queryKey: ["portal", "contract"], queryFn: ({ signal }) => api.getContract(signal), staleTime: 60 * 60_000 });
}
