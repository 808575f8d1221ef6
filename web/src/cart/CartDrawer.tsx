import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Cart, CartLine } from "../api/shapes";
import { useTools } from "../app/shop-context";
import { countryPhrase, homeCountry } from "../checkout/countries";
import { formatMoney } from "../money/money";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Empty, Stepper } from "../ui/parts";
import { Sheet } from "../ui/Sheet";
import { useAddToCart, useCart, useCartDrawer, useChangeCart } from "./cart";
import { quoteItems, towardsFreeDelivery } from "./cart-state";
import "./cart.css";

/** The cart at the side of every page. */
export default function CartDrawer() {
  const drawer = useCartDrawer();
  const cart = useCart();
  const count = cart.data?.item_count ?? 0;
  return (
    <Sheet title={count > 0 ? `Your bag (${count})` : "Your bag"} open={drawer.open} onClose={drawer.hide} foot={cart.data && count > 0 ? <Foot cart={cart.data} /> : null}>
      {cart.data ? <Lines cart={cart.data} /> : null}
      {cart.isError && !cart.data ? <ErrorNotice error={cart.error} onRetry={() => void cart.refetch()} /> : null}
      {cart.isPending ? <LineBones /> : null}
    </Sheet>
  );
}

function Lines({ cart }: { readonly cart: Cart }) {
  const { hide } = useCartDrawer();
  const change = useChangeCart();
  const [removed, setRemoved] = useState<CartLine | null>(null);

  const remove = (line: CartLine) => {
    setRemoved(line);
    change.mutate({ sku: line.sku, quantity: 0 });
    // The heading takes the focus that the vanishing button would lose.
    document.querySelector<HTMLElement>(".sheet[open] h2")?.focus();
  };

  return (
    <>
      <div role="status">{removed ? <Undo line={removed} onDone={() => setRemoved(null)} /> : null}</div>
      {change.isError ? <ErrorNotice error={change.error} /> : null}
      {cart.lines.length === 0 ? (
        <Empty title="Nothing in it yet" action={<Link className="button" to="/shop" onClick={hide}>Browse the shop</Link>}>
          What you put in your bag stays here while you look around.
        </Empty>
      ) : (
        <>
          <FreeDelivery cart={cart} />
          <ul className="cart-lines">
            {cart.lines.map((line) => (
              <Line key={line.sku} line={line} onChange={(quantity) => change.mutate({ sku: line.sku, quantity })} onRemove={() => remove(line)} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Undo({ line, onDone }: { readonly line: CartLine; readonly onDone: () => void }) {
  const add = useAddToCart();
  const putBack = () => add.mutate({ sku: line.sku, quantity: line.quantity }, { onSuccess: onDone });
  return (
    <p className="cart-undo">
      <span>{`${line.name} is out of your bag.`}</span>
      <button type="button" className="button button-plain" onClick={putBack} disabled={add.isPending}>
        Put it back
      </button>
    </p>
  );
}

function Line(props: { readonly line: CartLine; readonly onChange: (quantity: number) => void; readonly onRemove: () => void }) {
  const { line, onChange, onRemove } = props;
  const { hide } = useCartDrawer();
  const address = `/shop/${line.product_id}?variant=${encodeURIComponent(line.sku)}`;
  return (
    <li className="cart-line">
      <Link to={address} onClick={hide} className="cart-picture" tabIndex={-1} aria-hidden="true">
        <img src={line.image_url} alt="" width={80} height={100} />
      </Link>
      <div className="cart-text">
        <Link className="cart-name" to={address} onClick={hide}>
          {line.name}
        </Link>
        {line.variant && line.variant !== line.name ? <p className="small soft">{line.variant}</p> : null}
        {line.available ? null : <p className="field-error">No longer available. It is not in the total.</p>}
        {line.available && line.stock_level === "low" ? <p className="badge badge-low">Only a few left</p> : null}
        <div className="cart-controls">
          {line.available ? <Stepper label={line.name} value={line.quantity} onChange={onChange} /> : null}
          <button type="button" className="button button-plain small" onClick={onRemove} aria-label={`Remove ${line.name}`}>
            Remove
          </button>
        </div>
      </div>
      <p className="price cart-total">{formatMoney(line.line_total)}</p>
    </li>
  );
}

/** How far it is to free delivery, as the API's own quote says; nothing while that is not known. */
function FreeDelivery({ cart }: { readonly cart: Cart }) {
  const { shop } = useTools();
  const items = quoteItems(cart);
  const country = homeCountry();
  const quote = useQuery({
    queryKey: ["quote", { items, country }],
    queryFn: ({ signal }) => shop.quoteOrder({ items, country }, signal),
    enabled: items.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const from = quote.data?.free_shipping_from;
  if (!from) return null;
  const { share, missing } = towardsFreeDelivery(cart.subtotal.amount, from.amount);
  const words = missing === 0 ? `Delivery to ${countryPhrase(country)} is free.` : `${formatMoney({ amount: missing, currency: from.currency })} more for free delivery to ${countryPhrase(country)}.`;
  return (
    <div className="free-delivery">
      <p id="free-delivery" aria-live="polite">{words}</p>
      <progress aria-labelledby="free-delivery" value={share} max={1} />
    </div>
  );
}

function Foot({ cart }: { readonly cart: Cart }) {
  const { hide } = useCartDrawer();
  const navigate = useNavigate();
  const checkout = () => {
    hide();
    navigate("/shop/checkout");
  };
  return (
    <>
      <p className="cart-sum">
        <span>Subtotal</span>
        <span className="price">{formatMoney(cart.subtotal)}</span>
      </p>
      <p className="small soft">Delivery and tax follow from your address. A coupon goes in at checkout.</p>
      <button type="button" className="button button-large button-wide" onClick={checkout} disabled={quoteItems(cart).length === 0}>
        Go to checkout
      </button>
    </>
  );
}

function LineBones() {
  return (
    <ul className="cart-lines" aria-hidden="true">
      {[1, 2].map((place) => (
        <li key={place} className="cart-line">
          <span className="bone cart-picture" />
          <span className="bone bone-line" />
        </li>
      ))}
    </ul>
  );
}
