import fc from "fast-check";
import { describe, expect, it } from "vitest";
// The deployment's own script, which writes config.json from the environment.
import { configFromEnvironment } from "../../scripts/write-config.mjs";
import { loadConfig, readConfig } from "./config";

const validUrl = fc.oneof(
  fc.constant(""),
  fc.webUrl({ validSchemes: ["http", "https"], withQueryParameters: false, withFragments: false }),
  fc.record({ port: fc.integer({ min: 1, max: 65_535 }), slash: fc.constantFrom("", "/", "/api") }).map(({ port, slash }) => `http://127.0.0.1:${port}${slash}`),
);
const environmentName = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);

describe("the run-time configuration", () => {
  // Proves: S1-P06, S1-D04, S1-F01
  // Feature: aws-devops-three-tier, Property 6: Frontend loads config from env incl. backend URL
  it("loads from every valid environment, with the backend's URL as it was given", () => {
    fc.assert(
      fc.property(validUrl, environmentName, fc.dictionary(fc.string(), fc.string()), (apiUrl, name, rest) => {
        const written = configFromEnvironment({ ...rest, REACT_APP_API_URL: apiUrl, REACT_APP_ENV: name });
        const result = readConfig(JSON.parse(JSON.stringify(written)));
        expect(result).toEqual({ ok: true, config: { apiUrl: apiUrl.replace(/\/+$/, ""), environment: name } });
      }),
      { numRuns: 300 },
    );
  });

  // Proves: S1-P06
  it("says what is missing in every environment that lacks it", () => {
    const without = fc.dictionary(fc.string().filter((name) => !name.startsWith("REACT_APP_")), fc.string());
    fc.assert(
      fc.property(without, fc.option(validUrl, { nil: undefined }), (rest, apiUrl) => {
        const environment = apiUrl === undefined ? rest : { ...rest, REACT_APP_API_URL: apiUrl };
        const result = readConfig(configFromEnvironment(environment));
        expect(result.ok).toBe(false);
        if (result.ok) return;
        expect(result.problems).toContain("environment is missing");
        if (apiUrl === undefined) expect(result.problems).toContain("apiUrl is missing");
      }),
      { numRuns: 200 },
    );
  });

  // Proves: S1-P06
  it("never throws, whatever the file holds: it loads, or it says why not", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue().map((value) => JSON.stringify(value)), fc.string()), fc.integer({ min: 200, max: 599 }), async (body, status) => {
        const result = await loadConfig(async () => new Response([204, 205, 304].includes(status) ? null : body, { status }));
        if (result.ok) expect(typeof result.config.apiUrl).toBe("string");
        else expect(result.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["ftp://shop.example", "apiUrl must be an http or https address, or empty for the same origin"],
    ["not an address", "apiUrl must be an http or https address, or empty for the same origin"],
    ["https://user:word@shop.example", "apiUrl must not hold a query, a fragment or a login"],
    ["https://shop.example/?a=1", "apiUrl must not hold a query, a fragment or a login"],
    [7, "apiUrl must be text"],
  ])("refuses %s as the API's address", (apiUrl, problem) => {
    expect(readConfig({ apiUrl, environment: "local" })).toEqual({ ok: false, problems: [problem] });
  });

  it("reports a network failure as a file that could not be read", async () => {
    const result = await loadConfig(async () => Promise.reject(new TypeError("offline")));
    expect(result).toEqual({ ok: false, problems: ["/config.json could not be read"] });
  });
});
