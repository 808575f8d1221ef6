import { Link } from "react-router";
import { connectPartner } from "../api/partner";
import { ApiProblem } from "../api/problem";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { SignIn } from "../desk/SignIn";

/** Signs in with a key, once the shop knows it. */
export function PartnerSignIn({ told, onSignIn }: { readonly told: string | null; readonly onSignIn: (secret: string) => void }) {
  const { config } = useTools();
  useTitle("Sign in");
  const tryKey = async (secret: string) => {
    try {
      await connectPartner(config.apiUrl, secret).getPartner();
    } catch (error) {
      // A key that may not see the partner's account is a key all the same.
      if (!(error instanceof ApiProblem && error.status === 403)) throw error;
    }
    onSignIn(secret);
  };
  return (
    <SignIn
      title="Sign in with your key"
      lead="For partners who sell through Russet: send feeds, see what is wrong with them, look after your keys."
      label="Partner key"
      hint="It begins with rk_test_ or rk_live_. It stays in this tab and is forgotten when you close it or sign out."
      missing="Enter your key."
      unknown="We know no such key, or it was revoked or has ended."
      told={told}
      onTry={tryKey}
    >
      <p>
        {"No key yet? "}
        <Link to="/portal/join">Become a partner</Link>
      </p>
    </SignIn>
  );
}
