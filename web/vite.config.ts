import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { partnerReference } from "./scripts/partner-reference.mjs";

/** What the edge sends with every page; the development server sends it too, so that a breach shows at once. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self' http://127.0.0.1:*",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const api = process.env.API_URL ?? "http://127.0.0.1:3000";
const proxy = Object.fromEntries(["/api", "/flash", "/partner", "/admin", "/ping", "/_sandbox"].map((path) => [path, api]));

export default defineConfig({
  plugins: [react(), partnerReference()],
  // The package's exports lead to its development build, whatever the mode.
  resolve: { alias: { "react-router": fileURLToPath(new URL("node_modules/react-router/dist/production/index.mjs", import.meta.url)) } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // Data URIs would need an exception in the content security policy.
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    rolldownOptions: {
      output: {
        // What every page needs compresses better as one file than as a dozen small ones.
        codeSplitting: {
          groups: [
            { name: "shop", test: /src\/(ui\/(Icon|parts|ErrorNotice|notices)|cart\/(cart|cart-state|QuickAdd)\.|money|api\/(client|problem|retry)|app\/(?!NotFound)|checkout\/countries|product\/delivery-words|sale\/(sales|shop-time|prepared)\.|main)|node_modules\/(react|react-dom|scheduler|react-router|openapi-fetch|@tanstack)\/(?!.*nfinite)/ },
          ],
        },
      },
    },
  },
  server: { proxy },
  preview: {
    headers: { "Content-Security-Policy": contentSecurityPolicy },
    proxy,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 30_000,
    coverage: {
      provider: "v8",
      reporter: ["text-summary", "json-summary"],
      include: ["src/**/*.{ts,tsx}"],
      exclude: ["src/**/*.test.{ts,tsx}", "src/main.tsx", "src/api/schema.d.ts"],
      thresholds: { lines: 70 },
    },
  },
});
