import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { CartDrawerProvider } from "../cart/cart";
import { NoticeProvider } from "../ui/notices";
import { ErrorBoundary } from "./ErrorBoundary";
import { Layout } from "./Layout";
import { whenIdle } from "./page-effects";
import { ShopProvider, type ShopTools } from "./shop-context";

const pages = {
  home: () => import("../home/HomePage"),
  listing: () => import("../listing/ListingPage"),
  product: () => import("../product/ProductPage"),
  checkout: () => import("../checkout/CheckoutPage"),
  order: () => import("../orders/OrderPage"),
  orders: () => import("../orders/OrdersPage"),
  sale: () => import("../sale/SalePage"),
  queue: () => import("../sale/QueuePage"),
  notFound: () => import("./NotFoundPage"),
};

const HomePage = lazy(pages.home);
const ListingPage = lazy(pages.listing);
const ProductPage = lazy(pages.product);
const CheckoutPage = lazy(pages.checkout);
const OrderPage = lazy(pages.order);
const OrdersPage = lazy(pages.orders);
const SalePage = lazy(pages.sale);
const QueuePage = lazy(pages.queue);
const NotFoundPage = lazy(pages.notFound);
// Not fetched ahead: few shoppers are partners or staff.
const PortalPages = lazy(() => import("../portal/PortalPages"));
const OfficePages = lazy(() => import("../office/OfficePages"));

const OPENING = <p className="page waiting" role="status">Loading</p>;

/** Fetches the other pages' scripts once the browser has nothing better to do, so that the next page opens without a wait. */
export function fetchPagesAhead(): void {
  // A script that does not come now is asked for again when its page is opened.
  whenIdle(() => Object.values(pages).forEach((page) => page().catch(() => undefined)));
}

/** The API client retries by itself, so that TanStack Query does not: two layers would multiply the calls. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: false, gcTime: 30 * 60_000 }, mutations: { retry: false, networkMode: "always" } },
  });
}

/** Every page there is. No address here is one of the API's. */
export function Pages() {
  return (
    <Routes>
      <Route path="portal/*" element={<Suspense fallback={OPENING}><PortalPages /></Suspense>} />
      <Route path="office/*" element={<Suspense fallback={OPENING}><OfficePages /></Suspense>} />
      <Route element={<Layout />}>
        <Route index element={<HomePage />} />
        <Route path="shop" element={<ListingPage />} />
        <Route path="shop/checkout" element={<CheckoutPage />} />
        <Route path="shop/sale" element={<SalePage />} />
        <Route path="shop/sale/queue/:saleId" element={<QueuePage />} />
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
          {/* Addresses hold the state of controls, so a change of address must show in the same breath as the click. */}
          <BrowserRouter useTransitions={false}>
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
