import { useEffect, useState, type FormEvent } from "react";
import type { Facets, FacetValue } from "../api/shapes";
import { capitalised, type ListingState } from "./listing-url";

type Change = (part: Partial<ListingState>) => void;
const SHOWN_AT_FIRST = 8;

/** The filters with their counts. `name` keeps the fields of two copies on one page apart. */
export function Filters({ state, facets, onChange, name }: { readonly state: ListingState; readonly facets: Facets | undefined; readonly onChange: Change; readonly name: string }) {
  // All of them at once: a group that grew would push away the one below it.
  if (facets === undefined) return <span className="bone filters-bone" aria-hidden="true" />;
  return (
    <div className="filters">
      <FilterGroup name={`${name}-category`} title="Category" all="Everything" values={facets.category} chosen={state.category} onChoose={(category) => onChange({ category })} />
      <PriceRange state={state} onChange={onChange} name={name} />
      <label className="filter-check">
        <input type="checkbox" checked={state.inStock} onChange={(event) => onChange({ inStock: event.target.checked })} />
        In stock only
      </label>
      <FilterGroup name={`${name}-brand`} title="Maker" all="All makers" values={facets.brand} chosen={state.brand} onChoose={(brand) => onChange({ brand })} />
      <FilterGroup name={`${name}-tag`} title="Qualities" all="Any" values={facets.tag} chosen={state.tag} onChoose={(tag) => onChange({ tag })} />
    </div>
  );
}

function FilterGroup(props: {
  readonly name: string;
  readonly title: string;
  readonly all: string;
  readonly values: readonly FacetValue[];
  readonly chosen: string;
  readonly onChoose: (value: string) => void;
}) {
  const { name, title, all, values, chosen, onChoose } = props;
  const [open, setOpen] = useState(false);
  if (values.length === 0 && chosen === "") return null;
  const shown = open ? values : values.filter((value, place) => place < SHOWN_AT_FIRST || value.value === chosen);
  const hiddenCount = values.length - shown.length;
  return (
    <fieldset className="filter-group">
      <legend>{title}</legend>
      <FilterRadio name={name} label={all} checked={chosen === ""} onChoose={() => onChoose("")} />
      {shown.map((value) => (
        <FilterRadio key={value.value} name={name} label={capitalised(value.label)} count={value.count} checked={chosen === value.value} onChoose={() => onChoose(value.value)} />
      ))}
      {hiddenCount > 0 ? (
        <button type="button" className="button button-plain small" onClick={() => setOpen(true)}>
          {`${hiddenCount} more`}
        </button>
      ) : null}
    </fieldset>
  );
}

function FilterRadio(props: { readonly name: string; readonly label: string; readonly count?: number; readonly checked: boolean; readonly onChoose: () => void }) {
  return (
    <label className="filter-radio">
      <input type="radio" name={props.name} checked={props.checked} onChange={props.onChoose} />
      <span className="filter-label">{props.label}</span>
      {props.count === undefined ? null : <span className="filter-count figures">{props.count}</span>}
    </label>
  );
}

function PriceRange({ state, onChange, name }: { readonly state: ListingState; readonly onChange: Change; readonly name: string }) {
  const [from, setFrom] = useState(state.minPrice);
  const [to, setTo] = useState(state.maxPrice);
  useEffect(() => {
    setFrom(state.minPrice);
    setTo(state.maxPrice);
  }, [state.minPrice, state.maxPrice]);
  const apply = (event: FormEvent) => {
    event.preventDefault();
    onChange({ minPrice: tidied(from), maxPrice: tidied(to) });
  };
  return (
    <form className="filter-group" onSubmit={apply} aria-label="Price">
      <p className="filter-title" aria-hidden="true">
        Price
      </p>
      <div className="filter-prices">
        <label className="field" htmlFor={`${name}-min`}>
          <span className="field-hint">From</span>
          <input id={`${name}-min`} className="input" inputMode="decimal" maxLength={9} value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label className="field" htmlFor={`${name}-max`}>
          <span className="field-hint">To</span>
          <input id={`${name}-max`} className="input" inputMode="decimal" maxLength={9} value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        <button type="submit" className="button button-quiet">
          Set
        </button>
      </div>
    </form>
  );
}

/** `12,5` → `12.5`; what is no price is nothing. */
function tidied(text: string): string {
  const price = text.trim().replace(",", ".").replace(/\.$/, "");
  return /^\d{1,6}(\.\d{1,2})?$/.test(price) ? price : "";
}
