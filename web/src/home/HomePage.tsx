import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { FacetValue, ProductSummary } from "../api/shapes";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { SaleBand } from "../sale/SaleBand";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Icon } from "../ui/Icon";
import { Shelf } from "../ui/parts";
import "./home.css";

/** How many products the front page asks for: enough to find offers among, and one answer that every visitor shares. */
const ASKED = 100;

/** The front page: one promise, the categories, what is reduced, and what people come back for. */
export default function HomePage() {
  useTitle("");
  const { shop } = useTools();
  const shelves = useQuery({
    queryKey: ["front"],
    queryFn: ({ signal }) => shop.listProducts({ sort: "featured", limit: String(ASKED) }, signal),
    staleTime: 60_000,
  });
  const products = shelves.data?.items;
  const offers = products?.filter(isReduced).slice(0, 4);

  return (
    <>
      <Hero />
      {shelves.isError ? (
        <div className="page section">
          <ErrorNotice title="The shelves did not load" error={shelves.error} onRetry={() => void shelves.refetch()} />
        </div>
      ) : (
        <>
          <Categories categories={shelves.data?.facets.category} />
          {offers === undefined || offers.length > 0 ? (
            <section className="offers" aria-labelledby="offers">
              <div className="page">
                <SectionHead id="offers" title="Reduced for now" />
                <Shelf products={offers} expected={4} />
              </div>
            </section>
          ) : null}
          <section className="page section" aria-labelledby="loved">
            <SectionHead id="loved" title="Most loved" more={{ to: "/shop", words: "See the whole shop" }} />
            <Shelf products={products?.filter((product) => !isReduced(product)).slice(0, 8)} />
          </section>
        </>
      )}
      <Promises />
    </>
  );
}

function isReduced(product: ProductSummary): boolean {
  const before = product.compare_at_money;
  return product.stock_level !== "out" && before != null && before.amount > product.price_money.amount;
}

function Hero() {
  return (
    <section className="hero">
      <div className="page hero-grid">
        <div className="hero-words">
          <h1>
            Small comforts, <em>plainly made</em>
          </h1>
          <p className="hero-lead">Teas, balms, supplements and simple tools for rest and repair. Every label says what is inside, and what it cannot do.</p>
          <Link className="button button-large" to="/shop">
            Browse the shop
            <Icon name="arrow" size={18} />
          </Link>
        </div>
        <div className="hero-picture">
          <img src="/pictures/hero.svg" alt="" width={960} height={800} fetchPriority="high" />
          <SaleBand />
        </div>
      </div>
    </section>
  );
}

function SectionHead({ id, title, more }: { readonly id: string; readonly title: string; readonly more?: { readonly to: string; readonly words: string } }) {
  return (
    <div className="section-head">
      <h2 id={id}>{title}</h2>
      {more ? <Link to={more.to}>{more.words}</Link> : null}
    </div>
  );
}

function Categories({ categories }: { readonly categories: readonly FacetValue[] | undefined }) {
  return (
    <section className="page section" aria-labelledby="categories">
      <SectionHead id="categories" title="What are you looking after?" />
      <ul className="categories">
        {categories
          ? categories.map((category) => (
              <li key={category.value}>
                <Link className="category" to={`/shop?category=${encodeURIComponent(category.value)}`}>
                  <span className="category-picture">
                    <img src={`/pictures/category-${category.value}.svg`} alt="" width={480} height={480} loading="lazy" decoding="async" />
                  </span>
                  <span className="category-name">{category.label}</span>
                </Link>
              </li>
            ))
          : Array.from({ length: 8 }, (_, place) => (
              <li key={place} aria-hidden="true">
                <span className="bone category-picture" />
                <span className="bone bone-line bone-short" />
              </li>
            ))}
      </ul>
    </section>
  );
}

const PROMISES = [
  { icon: "leaf", title: "Labels in full", words: "Every ingredient, its amount and where it comes from. No blend without a recipe." },
  { icon: "receipt", title: "The price you saw", words: "Tax and delivery stand in your total before you pay, and what was shown is what is charged." },
  { icon: "lock", title: "Your address stays yours", words: "No account to make. We store your details encrypted, and only your browser can open them." },
] as const;

function Promises() {
  return (
    <section className="page promises" aria-label="How we sell">
      {PROMISES.map(({ icon, title, words }) => (
        <div key={title}>
          <Icon name={icon} size={28} />
          <h3>{title}</h3>
          <p>{words}</p>
        </div>
      ))}
    </section>
  );
}
