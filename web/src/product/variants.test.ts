import { describe, expect, it } from "vitest";
import { aProduct } from "../../test/shop";
import type { Variant } from "../api/shapes";
import { dayWords } from "./delivery-words";
import { chosenVariant, optionGroups, variantWords } from "./variants";

const base = aProduct().variants[0]!;
const variant = (sku: string, options: Record<string, string>, stock_level: Variant["stock_level"] = "in"): Variant => ({ ...base, sku, name: sku, options, stock_level });
const flasks = [
  variant("S-OAT", { Size: "500 ml", Colour: "Oat" }),
  variant("S-INK", { Size: "500 ml", Colour: "Ink" }),
  variant("L-OAT", { Size: "750 ml", Colour: "Oat" }, "out"),
  variant("L-INK", { Size: "750 ml", Colour: "Ink" }),
];

describe("variants", () => {
  it("are grouped by what sets them apart", () => {
    expect(optionGroups(flasks, flasks[0]!).map((group) => [group.name, group.choices.map((choice) => choice.value)])).toEqual([
      ["Size", ["500 ml", "750 ml"]],
      ["Colour", ["Oat", "Ink"]],
    ]);
  });

  it("keep the other choices when one is changed", () => {
    const size = optionGroups(flasks, flasks[1]!)[0]!;
    expect(size.choices[1]!.leadsTo.sku).toBe("L-INK");
  });

  it("begin with the one that the address names, else with one that can be bought", () => {
    expect(chosenVariant(flasks, "L-OAT")?.sku).toBe("L-OAT");
    expect(chosenVariant(flasks.slice(2), null)?.sku).toBe("L-INK");
    expect(chosenVariant([], null)).toBeUndefined();
  });

  it("are chosen by name where they have no options, and not at all where there is one", () => {
    const plain = [variant("A", {}), variant("B", {})];
    expect(optionGroups(plain, plain[0]!)[0]!.choices.map((choice) => choice.value)).toEqual(["A", "B"]);
    expect(optionGroups([plain[0]!], plain[0]!)).toEqual([]);
  });

  it("are told in words that do not repeat the product's name", () => {
    expect(variantWords(flasks[0]!, "Flask")).toBe("500 ml, Oat");
    expect(variantWords(variant("Soap", {}), "Soap")).toBe("");
  });
});

describe("delivery times", () => {
  it("are told in working days", () => {
    expect(dayWords(2, 4)).toBe("2 to 4 working days");
    expect(dayWords(1, 1)).toBe("1 working day");
    expect(dayWords(3, 3)).toBe("3 working days");
  });
});
