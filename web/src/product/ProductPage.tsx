import { useQuery } from "@tanstack/react-query";
import { lazy, useEffect, useRef, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { ApiProblem } from "../api/problem";
import type { Product, Variant } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { useAddToCart, useCartDrawer } from "../cart/cart";
import { countryPhrase, homeCountry } from "../checkout/countries";
import { formatMoney } from "../money/money";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Icon } from "../ui/Icon";
import { Picture, Price, Shelf, Stepper, StockBadge } from "../ui/parts";
import { dayWords } from "./delivery-words";
import { VariantPicker } from "./VariantPicker";
import { chosenVariant, variantWords } from "./variants";
import "./product.css";

const NotFoundPage = lazy(() => import("../app/NotFoundPage"));

/** One product: its pictures, its variants, its price and stock, what it is and what goes with it. */
export default function ProductPage() {
  const { productId = "" } = useParams();
  const { shop } = useTools();
  const product = useQuery({ queryKey: ["product", productId], queryFn: ({ signal }) => shop.getProduct(productId, signal), staleTime: 15_000 });
  useTitle(product.data?.name);

  if (product.error instanceof ApiProblem && product.error.status === 404) return <NotFoundPage what="product" />;
  if (product.isError && !product.data) {
    return (
      <div className="page standing">
        <ErrorNotice title="The product did not load" error={product.error} onRetry={() => void product.refetch()} />
      </div>
    );
  }
  return product.data ? <ProductView key={product.data.id} product={product.data} /> : <ProductBones />;
}

function ProductView({ product }: { readonly product: Product }) {
  const [params, setParams] = useSearchParams();
  const chosen = chosenVariant(product.variants, params.get("variant"));
  const choose = (variant: Variant) => setParams({ variant: variant.sku }, { replace: true, preventScrollReset: true });

  return (
    <div className="page product">
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/shop">Shop</Link>
        <span aria-hidden="true">/</span>
        <Link to={`/shop?category=${encodeURIComponent(product.category)}`}>{product.category_label}</Link>
      </nav>
      <div className="product-grid">
        <Gallery product={product} chosen={chosen} />
        <div className="product-side">
          <div className="product-title">
            <Link className="product-brand" to={`/shop?brand=${encodeURIComponent(product.brand)}`}>{product.brand}</Link>
            <h1>{product.name}</h1>
          </div>
          {chosen && product.status === "active" ? (
            <Buy product={product} chosen={chosen} onChoose={choose} />
          ) : (
            <p className="notice">We no longer sell this one. What goes with it is further down.</p>
          )}
        </div>
        <Words product={product} />
      </div>
      <GoesWith product={product} />
    </div>
  );
}

function Gallery({ product, chosen }: { readonly product: Product; readonly chosen: Variant | undefined }) {
  const pictures = product.images.length > 0 ? product.images : [{ url: product.image_url, alt: product.name }];
  // A variant's own picture takes the place of the product's first one, which shows another variant or the same.
  const all = chosen?.image_url ? [{ url: chosen.image_url, alt: `${product.name}, ${variantWords(chosen, product.name)}` }, ...pictures.slice(1)] : pictures;
  const [at, setAt] = useState(0);
  const shown = all[Math.min(at, all.length - 1)] ?? all[0];
  useEffect(() => setAt(0), [chosen?.sku]);
  if (shown === undefined) return <span className="picture" />;
  return (
    <div className="gallery">
      <Picture url={shown.url} alt={shown.alt ?? product.name} eager size={960} />
      {all.length > 1 ? (
        <ul className="gallery-row" aria-label="Pictures">
          {all.map((picture, place) => (
            <li key={picture.url}>
              <button type="button" aria-label={`Picture ${place + 1}`} aria-pressed={picture === shown} onClick={() => setAt(place)}>
                <Picture url={picture.url} alt="" size={96} />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function Buy({ product, chosen, onChoose }: { readonly product: Product; readonly chosen: Variant; readonly onChoose: (variant: Variant) => void }) {
  const add = useAddToCart();
  const drawer = useCartDrawer();
  const [quantity, setQuantity] = useState(1);
  const out = chosen.stock_level === "out";
  const most = Math.max(1, Math.min(99, chosen.stock_quantity));
  useEffect(() => setQuantity((before) => Math.min(before, most)), [most]);
  const put = () => add.mutate({ sku: chosen.sku, quantity }, { onSuccess: drawer.show });
  const button = useRef<HTMLDivElement>(null);
  const away = useIsAbove(button);

  return (
    <div className="buy">
      <p className="buy-price">
        <Price now={chosen.price_money} before={chosen.compare_at_money ?? null} />
      </p>
      <VariantPicker variants={product.variants} chosen={chosen} onChoose={onChoose} />
      <p role="status">
        <StockBadge level={chosen.stock_level} count={chosen.stock_quantity} />
      </p>
      <div className="buy-row" ref={button}>
        {out ? null : <Stepper label={product.name} value={quantity} max={most} onChange={setQuantity} />}
        <button type="button" className="button button-large" onClick={put} disabled={out || add.isPending}>
          {out ? "Sold out" : add.isPending ? "Adding" : "Add to bag"}
        </button>
      </div>
      {add.isError ? <ErrorNotice error={add.error} onRetry={put} /> : null}
      <DeliveryNote sku={chosen.sku} />
      <div className={away ? "buy-bar buy-bar-shown" : "buy-bar"} aria-hidden={!away} inert={!away}>
        <p>
          <span className="buy-bar-name">{variantWords(chosen, product.name) || product.name}</span>
          <span className="price">{formatMoney(chosen.price_money)}</span>
        </p>
        <button type="button" className="button" onClick={put} disabled={out || add.isPending}>
          {out ? "Sold out" : "Add to bag"}
        </button>
      </div>
    </div>
  );
}

/** True once the element has left the window, above or below: then the bar at the foot of a phone takes its place. */
function useIsAbove(target: React.RefObject<HTMLElement | null>): boolean {
  const [away, setAway] = useState(false);
  useEffect(() => {
    if (target.current === null || !("IntersectionObserver" in window)) return undefined;
    const observer = new IntersectionObserver(([entry]) => setAway(entry !== undefined && !entry.isIntersecting));
    observer.observe(target.current);
    return () => observer.disconnect();
  }, [target]);
  return away;
}

/** What delivery costs and how long it takes, from the API's own quote for one of these. */
function DeliveryNote({ sku }: { readonly sku: string }) {
  const { shop } = useTools();
  const country = homeCountry();
  const quote = useQuery({
    queryKey: ["quote", { items: [{ sku, quantity: 1 }], country }],
    queryFn: ({ signal }) => shop.quoteOrder({ items: [{ sku, quantity: 1 }], country }, signal),
    staleTime: 10 * 60_000,
  });
  const option = quote.data?.shipping_options[0];
  const free = quote.data?.free_shipping_from;
  return (
    <div className="delivery">
      <Icon name="truck" size={22} />
      <div>
        {option ? (
          <>
            <p>
              {`To ${countryPhrase(country)} in ${dayWords(option.days_min, option.days_max)}, `}
              {option.price.amount === 0 ? "free." : `${formatMoney(option.price)}.`}
            </p>
            {free && option.price.amount > 0 ? <p className="soft">{`Free from ${formatMoney(free)}.`}</p> : null}
          </>
        ) : (
          <>
            <p>Delivery cost and time stand at checkout, before you pay.</p>
            <p className="soft">You can buy as a guest.</p>
          </>
        )}
      </div>
    </div>
  );
}

function Words({ product }: { readonly product: Product }) {
  const facts = Object.entries(product.attributes);
  const paragraphs = product.description.split(/\n\s*\n/).filter((paragraph) => paragraph.trim());
  if (paragraphs.length + facts.length + product.tags.length === 0) return null;
  return (
    <section className="product-words" aria-labelledby="about">
      <h2 id="about">What it is</h2>
      {paragraphs.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      {facts.length > 0 ? (
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      {product.tags.length > 0 ? (
        <ul className="tags" aria-label="Qualities">
          {product.tags.map((tag) => (
            <li key={tag}>
              <Link className="chip" to={`/shop?tag=${encodeURIComponent(tag)}`}>
                {tag}
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function GoesWith({ product }: { readonly product: Product }) {
  const { shop } = useTools();
  const other = useQuery({
    queryKey: ["recommendations", product.id],
    queryFn: ({ signal }) => shop.recommendProducts(product.id, 4, signal),
    staleTime: 5 * 60_000,
  });
  if (other.isError || other.data?.items.length === 0) return null;
  return (
    <section className="goes-with" aria-labelledby="goes-with">
      <h2 id="goes-with">{other.data?.basis === "popular" ? "What others come back for" : "Goes well with"}</h2>
      <Shelf products={other.data?.items} expected={4} />
    </section>
  );
}

function ProductBones() {
  return (
    <div className="page product" role="status" aria-label="Loading the product">
      <div className="product-grid">
        <span className="bone picture" />
        <div className="product-side">
          <span className="bone bone-title" />
          <span className="bone bone-line bone-short" />
          <span className="bone bone-block" />
        </div>
      </div>
    </div>
  );
}
