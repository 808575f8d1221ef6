import { Link } from "react-router";

/** A key may be for feeds or stock alone. */
export function OtherKey({ words }: { readonly words: string }) {
  return (
    <div className="page desk-narrow">
      <h1>This key cannot show the account</h1>
      <p>{words}</p>
      <p>
        It may still be good for <Link to="/portal/send">sending a feed</Link>. For the rest, sign in with a key for the account.
      </p>
    </div>
  );
}
