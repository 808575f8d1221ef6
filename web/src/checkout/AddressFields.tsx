import { useMemo } from "react";
import { countryChoices, postalCodeLabel, regionLabel, rememberCountry } from "./countries";
import { describedBy, Field, TextField } from "./Field";
import { fieldId, limitOf, type CheckoutForm, type FieldName } from "./form";

/** Where a parcel goes, as each country writes its addresses. */
export function AddressFields({ form, faultOf, set }: { readonly form: CheckoutForm; readonly faultOf: (field: FieldName) => string | undefined; readonly set: (part: Partial<CheckoutForm>) => void }) {
  const region = regionLabel(form.country);
  const choices = useMemo(countryChoices, []);
  const chooseCountry = (country: string) => {
    rememberCountry(country);
    set({ country, region: "" });
  };
  const text = (name: keyof CheckoutForm, label: string, autoComplete: string, more: { wide?: boolean; optional?: boolean; type?: string } = {}) => (
    <TextField key={name} name={name} label={label} autoComplete={autoComplete} maxLength={limitOf(name)} value={form[name]} error={faultOf(name)} onText={(value) => set({ [name]: value })} {...more} />
  );
  return (
    <div className="fields">
      <Field wide name="country" label="Country" error={faultOf("country")}>
        <select id={fieldId("country")} className="input" autoComplete="shipping country" value={form.country} onChange={(event) => chooseCountry(event.target.value)} {...describedBy("country", undefined, faultOf("country"))}>
          {choices.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      {text("name", "Full name", "shipping name", { wide: true })}
      {text("line1", "Street and house number", "shipping address-line1", { wide: true })}
      {text("line2", "Flat, floor, company", "shipping address-line2", { wide: true, optional: true })}
      {text("city", "Town or city", "shipping address-level2")}
      {text("postalCode", postalCodeLabel(form.country), "shipping postal-code")}
      {region ? text("region", region, "shipping address-level1", { optional: !["US", "CA", "AU"].includes(form.country) }) : null}
      {text("phone", "Phone", "shipping tel", { optional: true, type: "tel" })}
    </div>
  );
}
