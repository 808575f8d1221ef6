import createClient, { type Middleware } from "openapi-fetch";
import type { SessionKey } from "../privacy/session-key";
import { ApiProblem, unreachable } from "./problem";
import type { paths } from "./schema";
import { timeOfAnswer } from "../sale/shop-time";
import type { Address, Cart, FlashCheckout, FlashListing, Order, OrderPage, Payment, PaymentMethod, PlaceOrder, Product, ProductPage, ProductQuery, QueuePlace, Quote, QuoteRequest, Recommendations } from "./shapes";
import { retryAfterMs, retryingFetch, sleep, type RetryWorld } from "./retry";

/** The shop's API as the pages use it. Every call resolves with what was asked for or rejects with an `ApiProblem`. */
export interface Shop {
  readonly listProducts: (query: ProductQuery, signal?: AbortSignal) => Promise<ProductPage>;
  readonly getProduct: (id: string, signal?: AbortSignal) => Promise<Product>;
  readonly recommendProducts: (id: string, limit: number, signal?: AbortSignal) => Promise<Recommendations>;
  readonly getCart: (signal?: AbortSignal) => Promise<Cart>;
  readonly addCartItem: (sku: string, quantity: number) => Promise<Cart>;
  readonly changeCartItem: (sku: string, quantity: number) => Promise<Cart>;
  readonly removeCartItem: (sku: string) => Promise<Cart>;
  readonly quoteOrder: (request: QuoteRequest, signal?: AbortSignal) => Promise<Quote>;
  readonly listPaymentMethods: (signal?: AbortSignal) => Promise<PaymentMethod[]>;
  readonly placeOrder: (order: PlaceOrder, key: string) => Promise<Order>;
  readonly payOrder: (id: string, payment: Payment, key: string) => Promise<Order>;
  readonly cancelOrder: (id: string, reason: string | undefined, key: string) => Promise<Order>;
  readonly getOrder: (id: string, signal?: AbortSignal) => Promise<Order>;
  readonly listOrders: (cursor: string | undefined, signal?: AbortSignal) => Promise<OrderPage>;
  /** The sales, and the shop's time of the answer in milliseconds: an answer that waited in a cache is older than its body says. */
  readonly listFlashProducts: (signal?: AbortSignal) => Promise<FlashListing & { readonly heardMs: number }>;
  readonly flashCheckout: (purchase: FlashCheckout, key: string) => Promise<Order>;
  readonly joinQueue: (sale: string, signal?: AbortSignal) => Promise<QueuePlace>;
  readonly getQueuePlace: (ticket: string, signal?: AbortSignal) => Promise<QueuePlace>;
}

/** What an order's `sealed` member holds once it is opened. */
export interface PersonalData {
  readonly email: string;
  readonly address: Address | null;
}

export const browserWorld: RetryWorld = {
  fetch: (request) => fetch(request),
  sleep,
  random: () => Math.random(),
  now: () => Date.now(),
};

/** A shop at `apiUrl` ("" for the pages' own origin) that asks again as the retry policy says. */
export function connectShop(apiUrl: string, sessionKey: Pick<SessionKey, "header">, world: RetryWorld = browserWorld): Shop {
  const client = openApi(apiUrl, world, { credentials: apiUrl === "" ? "same-origin" : "include" });

  const key = () => ({ "Idempotency-Key": crypto.randomUUID() });
  const session = async () => ({ "Session-Key": await sessionKey.header() });
  const paying = async (idempotencyKey: string) => ({ "Idempotency-Key": idempotencyKey, ...(await session()) });

  return {
    listProducts: (query, signal) => told(client.GET("/api/products", { params: { query }, ...stop(signal) })),
    getProduct: (productId, signal) => told(client.GET("/api/products/{productId}", { params: { path: { productId } }, ...stop(signal) })),
    recommendProducts: (productId, limit, signal) =>
      told(client.GET("/api/products/{productId}/recommendations", { params: { path: { productId }, query: { limit } }, ...stop(signal) })),
    getCart: (signal) => told(client.GET("/api/cart", stop(signal))),
    addCartItem: (sku, quantity) => told(client.POST("/api/cart", { params: { header: key() }, body: { sku, quantity } })),
    changeCartItem: (sku, quantity) =>
      told(client.PATCH("/api/cart/items/{sku}", { params: { path: { sku }, header: key() }, body: { quantity } })),
    removeCartItem: (sku) => told(client.DELETE("/api/cart/items/{sku}", { params: { path: { sku } } })),
    quoteOrder: (body, signal) => told(client.POST("/api/quotes", { params: { header: key() }, body, ...stop(signal) })),
    listPaymentMethods: async (signal) => (await told(client.GET("/api/payment-methods", stop(signal)))).items,
    placeOrder: async (body, idempotencyKey) => told(client.POST("/api/orders", { params: { header: await paying(idempotencyKey) }, body })),
    payOrder: async (orderId, body, idempotencyKey) =>
      told(client.POST("/api/orders/{orderId}/payments", { params: { path: { orderId }, header: await paying(idempotencyKey) }, body })),
    cancelOrder: async (orderId, reason, idempotencyKey) =>
      told(
        client.POST("/api/orders/{orderId}/cancellation", {
          params: { path: { orderId }, header: await paying(idempotencyKey) },
          body: reason ? { reason } : {},
        }),
      ),
    getOrder: async (orderId, signal) =>
      told(client.GET("/api/orders/{orderId}", { params: { path: { orderId }, header: await session() }, ...stop(signal) })),
    listOrders: (cursor, signal) =>
      told(client.GET("/api/orders", { params: { query: cursor === undefined ? {} : { cursor } }, ...stop(signal) })),
    listFlashProducts: async (signal) => {
      const call = client.GET("/flash/products", stop(signal));
      const listing = await told(call);
      return { ...listing, heardMs: timeOfAnswer(listing.server_time, (await call).response.headers) };
    },
    flashCheckout: async (body, idempotencyKey) => told(client.POST("/flash/checkout", { params: { header: await paying(idempotencyKey) }, body })),
    joinQueue: (sale, signal) => told(client.POST("/flash/queue", { params: { header: key() }, body: { sale }, ...stop(signal) })),
    getQueuePlace: (ticket, signal) => told(client.GET("/flash/queue/{ticket}", { params: { path: { ticket } }, ...stop(signal) })),
  };
}

/** The operations of the contract at `apiUrl`, asked with `options`. `heard` is told of every refusal before the caller is. */
export function openApi(apiUrl: string, world: RetryWorld, options: Pick<RequestInit, "credentials" | "headers">, heard?: (problem: ApiProblem) => void) {
  const client = createClient<paths>({ ...options, baseUrl: apiUrl === "" ? location.origin : apiUrl, fetch: retryingFetch(world) });
  client.use(problems(world, heard));
  return client;
}

export function stop(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Turns every refusal and every network failure into an `ApiProblem`, and writes it to the console for whoever looks there. */
function problems(world: RetryWorld, heard?: (problem: ApiProblem) => void): Middleware {
  return {
    async onResponse({ request, response }) {
      if (response.ok) return;
      const problem = await problemOf(response, world.now());
      console.warn(`${request.method} ${new URL(request.url).pathname}: ${problem.status} ${problem.code} ${problem.reference ?? ""}`);
      heard?.(problem);
      throw problem;
    },
    onError({ request, error }) {
      if (error instanceof ApiProblem || request.signal.aborted) return;
      console.warn(`${request.method} ${new URL(request.url).pathname}: no answer`);
      return unreachable();
    },
  };
}

async function problemOf(response: Response, now: number): Promise<ApiProblem> {
  const wait = retryAfterMs(response.headers.get("Retry-After"), now);
  const seconds = wait === null ? null : Math.ceil(wait / 1_000);
  let document: unknown;
  try {
    document = await response.json();
  } catch {
    document = {};
  }
  const members = typeof document === "object" && document !== null ? (document as Record<string, unknown>) : {};
  const requestId = response.headers.get("X-Request-Id");
  return new ApiProblem(response.status, requestId === null ? members : { instance: requestId, ...members }, seconds);
}

/** What the call answered; an answer without a body is a fault. */
export async function told<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data } = await call;
  if (data === undefined) throw new ApiProblem(500, {}, null);
  return data;
}
