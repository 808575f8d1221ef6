import type { ReactNode } from "react";
import { Link } from "react-router";
import type { ProductSummary, StockLevel } from "../api/shapes";
import { formatMoney, type Money } from "../money/money";
import { QuickAdd } from "../cart/QuickAdd";
import { Icon } from "./Icon";

/** A price, with what it was before beside it where it was reduced. */
export function Price({ now, before, from }: { readonly now: Money; readonly before?: Money | null; readonly from?: boolean }) {
  const reduced = before != null && before.amount > now.amount;
  return (
    <span className="price-pair">
      <span className={reduced ? "price price-reduced" : "price"}>
        {from ? <span className="price-from">from </span> : null}
        {reduced ? <span className="hidden-visually">now </span> : null}
        {formatMoney(now)}
      </span>
      {reduced ? (
        <s className="price price-before">
          <span className="hidden-visually">before </span>
          {formatMoney(before)}
        </s>
      ) : null}
    </span>
  );
}

const STOCK_WORDS: Record<StockLevel, string> = { in: "In stock", low: "Only a few left", out: "Sold out" };

/** How much there is, as a level. `count`, when known and small, is said in figures. */
export function StockBadge({ level, count }: { readonly level: StockLevel; readonly count?: number }) {
  const words = level === "low" && count !== undefined && count > 0 ? `Only ${count} left` : STOCK_WORDS[level];
  return <span className={`badge badge-${level}`}>{words}</span>;
}

/** A product's picture in the shop's own proportion, so that nothing moves when it arrives; a plain shape where it has none. */
export function Picture({ url, alt, eager, size = 640 }: { readonly url: string; readonly alt: string; readonly eager?: boolean; readonly size?: number }) {
  if (!url) return <span className="picture picture-none" role={alt ? "img" : undefined} aria-label={alt || undefined} />;
  return (
    <span className="picture">
      <img src={url} alt={alt} width={size} height={size * 1.25} loading={eager ? "eager" : "lazy"} decoding="async" fetchPriority={eager ? "high" : "auto"} />
    </span>
  );
}

/** One product on a shelf. */
export function ProductCard({ product, eager }: { readonly product: ProductSummary; readonly eager?: boolean }) {
  return (
    <article className="card">
      <Link className="card-link" to={`/shop/${product.id}`}>
        <span className="card-picture">
          <Picture url={product.image_url} alt="" eager={eager ?? false} />
          <CardFlag product={product} />
        </span>
        <span className="card-name">{product.name}</span>
      </Link>
      <p className="card-brand">{product.brand}</p>
      <div className="card-foot">
        <Price now={product.price_money} before={product.compare_at_money ?? null} from={product.price_varies} />
        {product.variant_count === 1 && product.stock_level !== "out" ? <QuickAdd product={product} /> : null}
      </div>
    </article>
  );
}

function CardFlag({ product }: { readonly product: ProductSummary }) {
  if (product.stock_level === "out") return <span className="flag flag-soft card-flag">Sold out</span>;
  const before = product.compare_at_money;
  if (before && before.amount > product.price_money.amount) {
    return <span className="flag card-flag">{`${Math.round((1 - product.price_money.amount / before.amount) * 100)}% off`}</span>;
  }
  return product.stock_level === "low" ? <span className="flag flag-soft card-flag">Few left</span> : null;
}

/** A shelf of products, or the still shapes of one while it loads. */
export function Shelf({ products, expected = 8, eager = 0 }: { readonly products: readonly ProductSummary[] | undefined; readonly expected?: number; readonly eager?: number }) {
  if (products === undefined) {
    return (
      <ul className="shelf" aria-hidden="true">
        {Array.from({ length: expected }, (_, place) => (
          <li key={place}>
            <span className="bone picture" />
            <span className="bone bone-line" />
            <span className="bone bone-line bone-short" />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <ul className="shelf">
      {products.map((product, place) => (
        <li key={product.id}>
          <ProductCard product={product} eager={place < eager} />
        </li>
      ))}
    </ul>
  );
}

/** Minus, a number, plus. */
export function Stepper(props: { readonly label: string; readonly value: number; readonly min?: number; readonly max?: number; readonly onChange: (value: number) => void }) {
  const { label, value, min = 1, max = 99, onChange } = props;
  return (
    <div className="stepper" role="group" aria-label={`Quantity of ${label}`}>
      <button type="button" aria-label={`One less of ${label}`} disabled={value <= min} onClick={() => onChange(value - 1)}>
        <Icon name="minus" size={16} />
      </button>
      <output aria-live="polite">{value}</output>
      <button type="button" aria-label={`One more of ${label}`} disabled={value >= max} onClick={() => onChange(value + 1)}>
        <Icon name="plus" size={16} />
      </button>
    </div>
  );
}

/** A page, or a place on one, with nothing in it yet: what that means and what to do. */
export function Empty({ title, children, action }: { readonly title: string; readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}
