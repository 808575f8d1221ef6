import type { ApiProblem } from "../api/problem";
import type { Address, Payment, PlaceOrder } from "../api/shapes";
import { postalCodeLabel, regionLabel } from "./countries";

/** What a shopper fills in at checkout. */
export interface CheckoutForm {
  readonly email: string;
  readonly country: string;
  readonly name: string;
  readonly line1: string;
  readonly line2: string;
  readonly postalCode: string;
  readonly city: string;
  readonly region: string;
  readonly phone: string;
  readonly method: string;
  readonly kind: string;
  readonly token: string;
}

/** How a shopper pays: a method that the API lists, of which kind it is, and the token that stands for a card where the kind is `token`. */
export interface PaymentChosen {
  readonly method: string;
  readonly kind: string;
  readonly token: string;
}

export const NOTHING_CHOSEN: PaymentChosen = { method: "", kind: "", token: "" };

export type FieldName = keyof CheckoutForm | "coupon" | "shippingMethod";

/** What is wrong with one field, in words that say how to mend it. */
export interface FormFault {
  readonly field: FieldName;
  readonly words: string;
}

export function emptyForm(country: string): CheckoutForm {
  return { email: "", country, name: "", line1: "", line2: "", postalCode: "", city: "", region: "", phone: "", ...NOTHING_CHOSEN };
}

const LIMITS: Partial<Record<keyof CheckoutForm, number>> = {
  email: 255, name: 128, line1: 128, line2: 128, city: 128, region: 64, postalCode: 16, phone: 32,
};

/** The most characters that a field takes. */
export function limitOf(field: keyof CheckoutForm): number {
  return LIMITS[field] ?? 255;
}

const NEEDS_REGION = ["US", "CA", "AU"];

/** Everything that keeps the form from being sent, in the order of the page. */
export function validate(form: CheckoutForm): FormFault[] {
  const faults: FormFault[] = [];
  const need = (field: keyof CheckoutForm, words: string) => {
    if (form[field].trim() === "") faults.push({ field, words });
  };
  if (form.email.trim() === "") faults.push({ field: "email", words: "Enter your e-mail address." });
  else if (!looksLikeEmail(form.email.trim())) faults.push({ field: "email", words: "Enter an e-mail address like ada@example.com." });
  need("country", "Choose the country we deliver to.");
  need("name", "Enter the name for the parcel.");
  need("line1", "Enter the street and house number.");
  need("city", "Enter the town or city.");
  if (NEEDS_REGION.includes(form.country)) need("region", `Enter the ${(regionLabel(form.country) ?? "region").toLowerCase()}.`);
  need("postalCode", `Enter the ${postalCodeLabel(form.country).replace(/^P/, "p")}.`);
  return [...faults, ...paymentFaults(form)];
}

/** What keeps a payment from being sent. */
export function paymentFaults(chosen: PaymentChosen): FormFault[] {
  if (chosen.method === "") return [{ field: "method", words: "Choose how to pay." }];
  return chosen.kind === "token" && chosen.token === "" ? [{ field: "token", words: "Choose a card." }] : [];
}

/** The payment as the API takes it: a token only where the method takes one. */
export function paymentOf({ method, kind, token }: PaymentChosen): Payment {
  return kind === "token" ? { method, token } : { method };
}

function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text);
}

/** The address as the API takes it: what was left empty is left out. */
export function addressOf(form: CheckoutForm): Address {
  const optional = { line2: form.line2.trim(), region: form.region.trim(), phone: form.phone.trim() };
  return {
    name: form.name.trim(),
    line1: form.line1.trim(),
    city: form.city.trim(),
    postal_code: form.postalCode.trim(),
    country: form.country,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== "")),
  };
}

/** The order to place for a quote. The same form and quote always give the same bytes, so that a repeat is seen as one. */
export function orderOf(form: CheckoutForm, quote: string): PlaceOrder {
  return { quote, email: form.email.trim(), address: addressOf(form), payment: paymentOf(form) };
}

const FIELD_OF_POINTER: Readonly<Record<string, FieldName>> = {
  "/email": "email",
  "/country": "country",
  "/coupon": "coupon",
  "/shipping_method": "shippingMethod",
  "/region": "region",
  "/postal_code": "postalCode",
  "/address/name": "name",
  "/address/line1": "line1",
  "/address/line2": "line2",
  "/address/city": "city",
  "/address/region": "region",
  "/address/postal_code": "postalCode",
  "/address/country": "country",
  "/address/phone": "phone",
  "/payment": "method",
  "/payment/method": "method",
  "/payment/token": "token",
};

/** The faults of a refused order that belong to fields of this form. */
export function faultsOf(problem: ApiProblem): FormFault[] {
  return problem.faults.flatMap((fault) => {
    const field = FIELD_OF_POINTER[fault.pointer];
    return field === undefined ? [] : [{ field, words: fault.detail }];
  });
}

/** The id of a field's control on the page. */
export function fieldId(field: FieldName): string {
  return `checkout-${field}`;
}
