// Takes the partners' operations out of the contract, for the portal's reference page.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";

const CONTRACT = fileURLToPath(new URL("../../infra/openapi.yaml", import.meta.url));
const MODULE = "virtual:partner-reference";
const RESOLVED = `\0${MODULE}`;
const METHODS = ["get", "post", "put", "patch", "delete"];
const NEEDS = { partner: "key", webhook: "signature" };

/** The operations under `/partner/`, in the order of the contract. */
export function partnerOperations(contract) {
  const paths = Object.entries(contract.paths).filter(([path]) => path.startsWith("/partner/"));
  return paths.flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => operationOf(contract, path, item, method)));
}

function operationOf(contract, path, item, method) {
  const operation = item[method];
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) => followed(contract, parameter));
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: oneLine(operation.description),
    needs: NEEDS[Object.keys(operation.security?.[0] ?? {})[0]] ?? "nothing",
    parameters: parameters.map(({ name, in: place, required = false, description }) => ({ name, place, required, about: oneLine(description) })),
    body: bodyOf(operation.requestBody),
    answers: Object.entries(operation.responses)
      .filter(([status]) => status.startsWith("2"))
      .map(([status, response]) => ({ status, about: response.description, example: exampleOf(contract, response) })),
  };
}

function bodyOf(body) {
  if (!body) return null;
  const types = Object.keys(body.content);
  const example = body.content["application/json"]?.example;
  return { types, example: example === undefined ? "" : JSON.stringify(example) };
}

function exampleOf(contract, response) {
  const [named] = Object.values(response.content?.["application/json"]?.examples ?? {});
  return named === undefined ? "" : JSON.stringify(followed(contract, named).value, null, 2);
}

/** What a `$ref` of the contract leads to. */
function followed(contract, node) {
  if (!node.$ref) return node;
  return node.$ref.slice(2).split("/").reduce((found, name) => found[name], contract);
}

function oneLine(text) {
  return (text ?? "").trim().replace(/\s*\n\s*/g, " ");
}

/** Gives the pages the module `virtual:partner-reference`, made anew whenever the contract changes. */
export function partnerReference() {
  return {
    name: "partner-reference",
    resolveId: (id) => (id === MODULE ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      this.addWatchFile(CONTRACT);
      return `export const operations = ${JSON.stringify(partnerOperations(load(readFileSync(CONTRACT, "utf8"))))};`;
    },
  };
}
