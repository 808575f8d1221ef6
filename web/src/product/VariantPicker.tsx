import type { Variant } from "../api/shapes";
import { formatMoney } from "../money/money";
import { optionGroups, type OptionChoice } from "./variants";

const SWATCHES = ["oat", "moss", "russet", "plum", "ink", "terracotta", "slate"];

/** The choices that lead to a product's variants: colours as swatches, everything else as its own words. */
export function VariantPicker({ variants, chosen, onChoose }: { readonly variants: readonly Variant[]; readonly chosen: Variant; readonly onChoose: (variant: Variant) => void }) {
  const groups = optionGroups(variants, chosen);
  const priced = groups.length === 1;
  return (
    <>
      {groups.map((group) => (
        <fieldset key={group.name} className="options">
          <legend>
            <span className="options-name">{group.name}</span> <span className="soft">{chosen.options[group.name] ?? chosen.name}</span>
          </legend>
          <div className="options-row">
            {group.choices.map((choice) => (
              <Option key={choice.value} group={group.name} choice={choice} chosen={chosen} priced={priced} onChoose={onChoose} />
            ))}
          </div>
        </fieldset>
      ))}
    </>
  );
}

function Option(props: { readonly group: string; readonly choice: OptionChoice; readonly chosen: Variant; readonly priced: boolean; readonly onChoose: (variant: Variant) => void }) {
  const { group, choice, chosen, priced, onChoose } = props;
  const out = choice.leadsTo.stock_level === "out";
  const colour = group === "Colour" && SWATCHES.includes(choice.value.toLowerCase()) ? choice.value.toLowerCase() : null;
  return (
    <label className={out ? "option option-out" : "option"}>
      <input type="radio" name={`option-${group}`} checked={choice.leadsTo.sku === chosen.sku} onChange={() => onChoose(choice.leadsTo)} />
      {colour ? <span className={`swatch swatch-${colour}`} /> : null}
      <span className="option-words">
        {choice.value}
        {out ? <span className="option-note">Sold out</span> : priced ? <span className="option-note figures">{formatMoney(choice.leadsTo.price_money)}</span> : null}
      </span>
    </label>
  );
}
