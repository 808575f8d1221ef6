import { lazy } from "react";

/** The parts of the sale's pages that are not needed to see them. The pages fetch them ahead, so that a tap finds them there. */
export const load = {
  details: () => import("./DetailsForm"),
  trouble: () => import("./TroubleNotice"),
  purchase: () => import("./attempt-purchase"),
};

export const DetailsForm = lazy(load.details);
export const TroubleNotice = lazy(load.trouble);
