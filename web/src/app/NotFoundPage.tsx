import { Link } from "react-router";
import { useTitle } from "./page-effects";

/** For addresses that lead nowhere. */
export default function NotFoundPage({ what = "page" }: { readonly what?: string }) {
  useTitle("Not found");
  return (
    <div className="page standing">
      <h1>{`We could not find that ${what}`}</h1>
      <p>It may have moved, or never have been. The shelves are still where they were.</p>
      <p className="standing-actions">
        <Link className="button" to="/shop">
          Browse the shop
        </Link>
        <Link className="button button-quiet" to="/">
          Go to the front page
        </Link>
      </p>
    </div>
  );
}
