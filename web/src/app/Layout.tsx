import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore, type FormEvent } from "react";
import { Link, NavLink, Outlet, useLocation, useNavigate, useSearchParams } from "react-router";
import { useCart, useCartDrawer } from "../cart/cart";
import { saleToShow, salesQuery } from "../sale/sales";
import { Icon } from "../ui/Icon";
import { ErrorBoundary } from "./ErrorBoundary";
import { useScrollMemory } from "./page-effects";
import { useTools } from "./shop-context";
import { useTheme } from "./theme";
import "./layout.css";

const CartDrawer = lazy(() => import("../cart/CartDrawer"));

/** What every page has around it: the head with search and bag, the notices, the foot. */
export function Layout() {
  useScrollMemory();
  const { pathname } = useLocation();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <Head />
      <OfflineNotice />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary key={pathname}>
          <Suspense fallback={<p className="page waiting" role="status">Loading</p>}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Foot />
      <Bag />
    </>
  );
}

function Head() {
  const checkout = useLocation().pathname === "/shop/checkout";
  return (
    <header className="head">
      <div className={checkout ? "page head-row head-row-quiet" : "page head-row"}>
        <Link className="wordmark" to="/" aria-label="Russet, home">
          <Apple />
          <span>Russet</span>
        </Link>
        {checkout ? (
          <Link className="head-back" to="/shop">
            Back to the shop
          </Link>
        ) : (
          <>
            <nav className="head-links" aria-label="Shop">
              <SaleLink />
              <NavLink to="/shop" end>Shop</NavLink>
              <NavLink to="/me/orders">Orders</NavLink>
            </nav>
            <Search />
          </>
        )}
        <div className="head-tools">
          <ThemeSwitch />
          {checkout ? null : <BagButton />}
        </div>
      </div>
    </header>
  );
}

/** The way to the flash sale, while one is open. It stands before the others, which keep their places when it comes. */
function SaleLink() {
  const listing = useQuery(salesQuery(useTools()));
  return saleToShow(listing.data?.sales ?? []) ? <NavLink to="/shop/sale">Sale</NavLink> : null;
}

/** The mark. */
export function Apple() {
  return (
    <svg className="apple" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <path
        className="apple-body"
        d="M16 9.6c2-1.9 5-2.6 7.6-1.4 4 1.9 5 7 3.5 11.6C25.6 24.5 22 29 18.8 29c-1.2 0-1.8-.6-2.8-.6s-1.6.6-2.8.6C10 29 6.4 24.5 4.9 19.8 3.4 15.2 4.4 10.1 8.4 8.2 11 7 14 7.7 16 9.6Z"
      />
      <path className="apple-leaf" d="M16.4 8.2c-.4-3 1.6-5.6 5.6-6 .2 3.4-2 5.8-5.6 6Z" />
    </svg>
  );
}

/** The search field. It holds the words of the listing that is shown, and takes the shopper there. */
function Search() {
  const [params] = useSearchParams();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const searched = pathname === "/shop" ? (params.get("q") ?? "") : "";
  const [words, setWords] = useState(searched);
  useEffect(() => setWords(searched), [searched]);

  const search = (event: FormEvent) => {
    event.preventDefault();
    const q = words.trim();
    navigate(q === "" ? "/shop" : `/shop?${new URLSearchParams({ q }).toString()}`);
  };

  return (
    <form className="search" role="search" action="/shop" onSubmit={search}>
      <Icon name="search" size={18} />
      <input type="search" name="q" aria-label="Search the shop" placeholder="Tea, balm, magnesium" maxLength={200} autoComplete="off" value={words} onChange={(event) => setWords(event.target.value)} />
      <button type="submit" className="hidden-visually">
        Search
      </button>
    </form>
  );
}

/** Switches between light and dark. */
export function ThemeSwitch() {
  const { theme, toggle } = useTheme();
  return (
    <button type="button" className="button-round" onClick={toggle} aria-label={theme === "dark" ? "Switch to the light theme" : "Switch to the dark theme"}>
      <Icon name={theme === "dark" ? "sun" : "moon"} />
    </button>
  );
}

function BagButton() {
  const cart = useCart();
  const { show } = useCartDrawer();
  const count = cart.data?.item_count ?? 0;
  return (
    <button type="button" className="button-round bag" onClick={show} aria-haspopup="dialog" aria-label={count === 1 ? "Your bag, 1 item" : `Your bag, ${count} items`}>
      <Icon name="bag" />
      {count > 0 ? <span className="bag-count" aria-hidden="true">{count}</span> : null}
    </button>
  );
}

/** The drawer's script is loaded when it is first opened. */
function Bag() {
  const { open } = useCartDrawer();
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    if (open) setWanted(true);
  }, [open]);
  return wanted ? (
    <Suspense fallback={null}>
      <CartDrawer />
    </Suspense>
  ) : null;
}

function subscribeToNetwork(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Says so while the network is gone. */
export function OfflineNotice() {
  const online = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
  return (
    <div role="status">
      {online ? null : <p className="offline">You are offline. What is on the page stays, and everything else waits until you are back.</p>}
    </div>
  );
}

function Foot() {
  const { config } = useTools();
  return (
    <footer className="foot">
      <div className="page foot-grid">
        <div className="foot-words">
          <p className="foot-name">Russet</p>
          <p>An apple with a rough coat and a fine taste. We sell things that are like it.</p>
        </div>
        <nav aria-label="Foot">
          <ul>
            <li><Link to="/shop">Everything in the shop</Link></li>
            <li><Link to="/shop?sort=newest">New on the shelf</Link></li>
            <li><Link to="/me/orders">Your orders</Link></li>
          </ul>
        </nav>
        <p className="foot-note">
          Your e-mail and address are stored encrypted, and only your own browser can read them back.
          {config.environment === "production" ? null : ` This is the ${config.environment} shop: nothing is really sold here.`}
        </p>
      </div>
    </footer>
  );
}
