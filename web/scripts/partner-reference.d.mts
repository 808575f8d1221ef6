import type { Plugin } from "vite";

/** Gives the pages the module `virtual:partner-reference`, from the contract. */
export function partnerReference(): Plugin;
