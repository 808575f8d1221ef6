/** Where the shop delivers to. The API has the last word on each. */
const COUNTRIES = [
  "AT", "AU", "BE", "BG", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IT", "JP", "LT", "LU", "LV", "MT",
  "NL", "NO", "NZ", "PL", "PT", "RO", "SE", "SI", "SK", "US",
] as const;

const REMEMBERED = "russet.country";

const names = new Intl.DisplayNames(["en"], { type: "region" });

/** A country's name for people. */
export function countryName(code: string): string {
  return names.of(code) ?? code;
}

/** A country's name inside a sentence: `the United States`, `Germany`. */
export function countryPhrase(code: string): string {
  return ["US", "GB", "NL"].includes(code) ? `the ${countryName(code)}` : countryName(code);
}

/** The countries to choose from, by name. */
export function countryChoices(): { code: string; name: string }[] {
  return COUNTRIES.map((code) => ({ code, name: countryName(code) })).sort((a, b) => a.name.localeCompare(b.name, "en"));
}

/** Where this shopper probably lives: what they chose last, else the region of their browser's language, else the United States. */
export function homeCountry(): string {
  return known(remembered()) ?? known(new Intl.Locale(navigator.language || "en-US").region) ?? "US";
}

/** Keeps the shopper's choice for the next visit on this browser. */
export function rememberCountry(code: string): void {
  try {
    localStorage.setItem(REMEMBERED, code);
  } catch {
    // Storage may be closed to us; the choice then lasts as long as the page.
  }
}

function remembered(): string | undefined {
  try {
    return localStorage.getItem(REMEMBERED) ?? undefined;
  } catch {
    return undefined;
  }
}

function known(code: string | undefined): string | undefined {
  return code !== undefined && (COUNTRIES as readonly string[]).includes(code) ? code : undefined;
}

/** What the country calls the part of an address between city and country; null where addresses have none. */
export function regionLabel(code: string): string | null {
  return { US: "State", CA: "Province", AU: "State", IE: "County", ES: "Province", IT: "Province", JP: "Prefecture", GB: "County" }[code] ?? null;
}

/** What the country calls its postal code. */
export function postalCodeLabel(code: string): string {
  return { US: "ZIP code", GB: "Postcode", IE: "Eircode", AU: "Postcode", NZ: "Postcode" }[code] ?? "Postal code";
}
