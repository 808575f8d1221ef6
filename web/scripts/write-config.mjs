// Writes the pages' run-time configuration from the deployment's environment:
//   REACT_APP_API_URL=https://api.example.com REACT_APP_ENV=production node scripts/write-config.mjs dist/config.json
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** The configuration that an environment states, not yet judged: the pages' own loader says what is missing or wrong. */
export function configFromEnvironment(environment) {
  const config = {};
  if (environment.REACT_APP_API_URL !== undefined) config.apiUrl = environment.REACT_APP_API_URL;
  if (environment.REACT_APP_ENV !== undefined) config.environment = environment.REACT_APP_ENV;
  return config;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const target = process.argv[2];
  const config = configFromEnvironment(process.env);
  const missing = [
    config.apiUrl === undefined ? "REACT_APP_API_URL" : null,
    config.environment === undefined ? "REACT_APP_ENV" : null,
  ].filter(Boolean);
  if (!target || missing.length > 0) {
    console.error(target ? `missing in the environment: ${missing.join(", ")}` : "usage: write-config.mjs FILE");
    process.exit(1);
  }
  writeFileSync(target, `${JSON.stringify(config)}\n`);
}
