import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { CartDrawerProvider } from "../cart/cart";
import { NoticeProvider } from "../ui/notices";
import { ErrorBoundary } from "./ErrorBoundary";
import { Layout } from "./Layout";
import { ShopProvider, type ShopTools } from "./shop-context";

const HomePage = lazy(() => import("../home/HomePage"));
const ListingPage = lazy(() => import("../listing/ListingPage"));
const ProductPage = lazy(() => import("../product/ProductPage"));
const CheckoutPage = lazy(() => import("../checkout/CheckoutPage"));
const OrderPage = lazy(() => import("../orders/OrderPage"));
const OrdersPage = lazy(() => import("../orders/OrdersPage"));
const NotFoundPage = lazy(() => import("./NotFoundPage"));

/** The API client retries by itself, so that TanStack Query does not: two layers would multiply the calls. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: false, gcTime: 30 * 60_000 }, mutations: { retry: false, networkMode: "always" } },
  });
}

/** Every page that the shop has. No address here is one of the API's. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route index element={<HomePage />} />
        <Route path="shop" element={<ListingPage />} />
        <Route path="shop/checkout" element={<CheckoutPage />} />
        <Route path="shop/orders/:orderId" element={<OrderPage />} />
        <Route path="shop/:productId" element={<ProductPage />} />
        <Route path="me" element={<Navigate to="/me/orders" replace />} />
        <Route path="me/orders" element={<OrdersPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}

/** The shop. */
export function App({ tools, client }: { readonly tools: ShopTools; readonly client: QueryClient }) {
  return (
    <ErrorBoundary>
      <ShopProvider value={tools}>
        <QueryClientProvider client={client}>
          <BrowserRouter>
            <NoticeProvider>
              <CartDrawerProvider>
                <Pages />
              </CartDrawerProvider>
            </NoticeProvider>
          </BrowserRouter>
        </QueryClientProvider>
      </ShopProvider>
    </ErrorBoundary>
  );
}
