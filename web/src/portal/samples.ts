/** A command line that signs one stock webhook and sends it. `origin` is where the API is, `partnerId` who sends it. */
export function webhookSample(origin: string, partnerId: string): string {
  return [
    "RUSSET_SECRET='whsec_...'   # your webhook secret",
    `body="{\\"as_of\\":\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\",\\"items\\":[{\\"sku\\":\\"TEA-1\\",\\"stock\\":12}]}"`,
    'at=$(date +%s)',
    'id="msg_$at"',
    `secret=$(printf %s "\${RUSSET_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`,
    `signature=$(printf %s "$id.$at.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$secret" -binary | openssl base64 -A)`,
    `curl ${origin}/partner/webhooks/stock \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -H 'X-Partner-Id: ${partnerId}' \\`,
    '  -H "webhook-id: $id" \\',
    '  -H "webhook-timestamp: $at" \\',
    '  -H "webhook-signature: v1,$signature" \\',
    '  --data-raw "$body"',
  ].join("\n");
}

/** One operation of the API, as the build takes it from the contract. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly needs: "key" | "signature" | "nothing";
  readonly parameters: readonly Parameter[];
  readonly body: { readonly types: readonly string[]; readonly example: string } | null;
  readonly answers: readonly Answer[];
}

export interface Parameter {
  readonly name: string;
  readonly place: "path" | "query" | "header";
  readonly required: boolean;
  readonly about: string;
}

export interface Answer {
  readonly status: string;
  readonly about: string;
  readonly example: string;
}

/** A command line that calls `operation`. */
export function curlSample(origin: string, operation: Operation): string {
  if (operation.needs === "signature") return webhookSample(origin, "your-partner-id");
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`);
  const lines = [`curl ${operation.method === "GET" ? "" : `-X ${operation.method} `}"${origin}${path}"`];
  if (operation.needs === "key") lines.push('-H "X-API-Key: $RUSSET_KEY"');
  if (operation.parameters.some((parameter) => parameter.name === "Idempotency-Key")) lines.push('-H "Idempotency-Key: $(uuidgen)"');
  if (operation.body !== null) lines.push(...bodyLines(operation.body));
  return lines.join(" \\\n  ");
}

function bodyLines({ types, example }: NonNullable<Operation["body"]>): string[] {
  if (types.includes("text/csv")) return ["-H 'Content-Type: text/csv'", "--data-binary @feed.csv"];
  return ["-H 'Content-Type: application/json'", `--data-raw '${example}'`];
}
