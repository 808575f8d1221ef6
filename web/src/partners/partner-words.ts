import type { PartnerScope, PartnerStep, PartnerWorld } from "../api/shapes";

export const WORLD_WORDS: Record<PartnerWorld, string> = { sandbox: "Sandbox", live: "Live" };
export const SCOPE_WORDS: Record<PartnerScope, string> = { feeds: "Feeds", stock: "Stock", account: "Account" };
export const STEP_WORDS: Record<PartnerStep["step"], string> = {
  key_used: "Use your key",
  feed_validated: "Send a feed without an error",
  webhook_verified: "Sign a stock webhook",
};

/** `Feeds, stock`: what a key may be used for. */
export function scopeWords(scopes: readonly PartnerScope[]): string {
  const words = scopes.map((scope) => SCOPE_WORDS[scope]).join(", ");
  return words.charAt(0) + words.slice(1).toLowerCase();
}

/** How far a partner is on the way to live: `2 of 3`. */
export function stepsWords(checklist: readonly PartnerStep[]): string {
  return `${checklist.filter((step) => step.done_at).length} of ${checklist.length}`;
}
