import type { Variant } from "../api/shapes";

/** One way in which a product's variants differ, with its choices in the order the shop lists them. */
export interface OptionGroup {
  readonly name: string;
  readonly choices: readonly OptionChoice[];
}

export interface OptionChoice {
  readonly value: string;
  /** The variant that this choice leads to from the one that is chosen now. */
  readonly leadsTo: Variant;
}

/** The groups of choices that lead from `chosen` to the other variants. A product of one variant has none. */
export function optionGroups(variants: readonly Variant[], chosen: Variant): OptionGroup[] {
  if (variants.length < 2) return [];
  const names = [...new Set(variants.flatMap((variant) => Object.keys(variant.options)))];
  if (names.length === 0) return [{ name: "Choose", choices: variants.map((variant) => ({ value: variant.name, leadsTo: variant })) }];
  return names.map((name) => ({ name, choices: choicesOf(name, variants, chosen) })).filter((group) => group.choices.length > 1);
}

function choicesOf(name: string, variants: readonly Variant[], chosen: Variant): OptionChoice[] {
  const values = [...new Set(variants.map((variant) => variant.options[name]).filter((value) => value !== undefined))];
  return values.flatMap((value) => {
    const leadsTo = nearest(variants.filter((variant) => variant.options[name] === value), chosen);
    return leadsTo === undefined ? [] : [{ value, leadsTo }];
  });
}

/** The variant that shares most options with `chosen`; of equals the one that can be bought, then the first. */
function nearest(candidates: readonly Variant[], chosen: Variant): Variant | undefined {
  const closeness = (variant: Variant) =>
    Object.entries(chosen.options).filter(([name, value]) => variant.options[name] === value).length * 2 + (variant.stock_level === "out" ? 0 : 1);
  return candidates.reduce<Variant | undefined>((best, variant) => (best === undefined || closeness(variant) > closeness(best) ? variant : best), undefined);
}

/** The variant that an address names; without one, the first that can be bought. */
export function chosenVariant(variants: readonly Variant[], sku: string | null): Variant | undefined {
  return variants.find((variant) => variant.sku === sku) ?? variants.find((variant) => variant.stock_level !== "out") ?? variants[0];
}

/** What to say of a variant in one line: its own name, or its options, unless that only repeats the product's name. */
export function variantWords(variant: Variant, productName: string): string {
  const words = Object.values(variant.options).join(", ") || variant.name;
  return words === productName ? "" : words;
}
