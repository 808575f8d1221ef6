/** The API's shapes by their names, from the types generated of the contract. */
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Product = Schemas["Product"];
export type ProductSummary = Schemas["ProductSummary"];
export type ProductPage = Schemas["ProductPage"];
export type Variant = Schemas["Variant"];
export type FacetValue = Schemas["FacetValue"];
export type Facets = Schemas["Facets"];
export type Recommendations = Schemas["Recommendations"];
export type StockLevel = Schemas["StockLevel"];
export type Cart = Schemas["Cart"];
export type CartLine = Schemas["CartLine"];
export type Quote = Schemas["Quote"];
export type QuoteRequest = Schemas["QuoteRequest"];
export type ShippingMethod = Schemas["ShippingMethod"];
export type Address = Schemas["Address"];
export type PlaceOrder = Schemas["PlaceOrder"];
export type Payment = Schemas["Payment"];
export type PaymentMethod = Schemas["PaymentMethod"];
export type Order = Schemas["Order"];
export type OrderEvent = Schemas["OrderEvent"];
export type OrderState = Schemas["OrderState"];
export type OrderSummary = Schemas["OrderSummary"];
export type OrderPage = Schemas["OrderPage"];
export type Parcel = Schemas["Parcel"];
export type FlashListing = Schemas["FlashProducts"];
export type FlashSale = Schemas["ListedSale"];
export type FlashItem = Schemas["ListedSaleItem"];
export type FlashCheckout = Schemas["FlashCheckout"];
export type QueuePlace = Schemas["QueuePlace"];

export type ProductQuery = NonNullable<paths["/api/products"]["get"]["parameters"]["query"]>;
export type Sort = NonNullable<ProductQuery["sort"]>;
