// @vitest-environment node
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { operations } from "virtual:partner-reference";
import { describe, expect, it } from "vitest";
import { curlSample, webhookSample } from "./samples";

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes ...").toString("base64")}`;

describe("the samples to copy", () => {
  // Proves: S4-I1
  it("sign a webhook as Standard Webhooks asks for", () => {
    const tellInstead = 'curl() { printf "%s\\n" "$@"; }\n';
    const sample = webhookSample("https://russet.test", "01partner").replace("whsec_...", SECRET);
    const told = execFileSync("/bin/sh", ["-c", tellInstead + sample], { encoding: "utf8" }).split("\n");
    const header = (name: string) => told.find((line) => line.startsWith(`${name}: `))!.slice(name.length + 2);
    const body = told[told.indexOf("--data-raw") + 1]!;
    const expected = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64")).update(`${header("webhook-id")}.${header("webhook-timestamp")}.${body}`).digest("base64");
    expect(header("webhook-signature")).toBe(`v1,${expected}`);
    expect(header("X-Partner-Id")).toBe("01partner");
    expect(JSON.parse(body)).toMatchObject({ items: [{ sku: "TEA-1", stock: 12 }] });
    expect(told[0]).toBe("https://russet.test/partner/webhooks/stock");
  });

  it("are there for every call of the partners' API, with an idempotency key where the call takes one", () => {
    expect(operations.length).toBeGreaterThanOrEqual(17);
    for (const operation of operations) {
      const sample = curlSample("https://russet.test", operation);
      expect(sample).toContain("https://russet.test/partner/");
      expect(sample).not.toMatch(/partner\/[^ "]*\{/);
      expect(sample.includes("Idempotency-Key")).toBe(operation.parameters.some((parameter) => parameter.name === "Idempotency-Key"));
    }
  });
});
