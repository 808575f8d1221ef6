/** What a deployment tells the pages at run time, from `/config.json`. */
export interface ShopConfig {
  /** Where the API lives: an absolute http(s) URL without a trailing slash, or "" for the pages' own origin. */
  readonly apiUrl: string;
  /** The deployment's name: `local`, `demo`, `production` … Anything but `production` may offer test cards. */
  readonly environment: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: ShopConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Judges any value as configuration. Never throws: it either yields a configuration or says all that is wrong with it. */
export function readConfig(value: unknown): ConfigResult {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, problems: ["config.json must hold an object with apiUrl and environment"] };
  }
  const { apiUrl, environment } = value as Record<string, unknown>;
  const problems = [...apiUrlProblems(apiUrl), ...environmentProblems(environment)];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, config: { apiUrl: (apiUrl as string).replace(/\/+$/, ""), environment: environment as string } };
}

function apiUrlProblems(apiUrl: unknown): string[] {
  if (apiUrl === undefined || apiUrl === null) return ["apiUrl is missing"];
  if (typeof apiUrl !== "string") return ["apiUrl must be text"];
  if (apiUrl === "") return [];
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return ["apiUrl must be an http or https address, or empty for the same origin"];
  if (url.search || url.hash || url.username || url.password) return ["apiUrl must not hold a query, a fragment or a login"];
  return [];
}

function environmentProblems(environment: unknown): string[] {
  if (environment === undefined || environment === null) return ["environment is missing"];
  if (typeof environment !== "string") return ["environment must be text"];
  if (environment.trim() === "") return ["environment must not be empty"];
  return [];
}

/** Fetches and judges the configuration. Total: a file that is missing, unreadable or wrong is a clear result, not an exception. */
export async function loadConfig(fetcher: typeof fetch, url = "/config.json"): Promise<ConfigResult> {
  try {
    const response = await fetcher(url, { cache: "no-cache" });
    if (!response.ok) return { ok: false, problems: [`${url} answered ${response.status}`] };
    return readConfig(await response.json());
  } catch (error) {
    const cause = error instanceof SyntaxError ? "is not JSON" : "could not be read";
    return { ok: false, problems: [`${url} ${cause}`] };
  }
}
