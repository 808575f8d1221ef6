import { ApiProblem } from "../api/problem";
import { connectStaff } from "../api/staff";
import { useTitle } from "../app/page-effects";
import { useTools } from "../app/shop-context";
import { SignIn } from "../desk/SignIn";

/** Signs in with a staff token, once the shop knows it. */
export function StaffSignIn({ told, onSignIn }: { readonly told: string | null; readonly onSignIn: (secret: string) => void }) {
  const { config } = useTools();
  useTitle("Sign in");
  const tryToken = async (secret: string) => {
    try {
      await connectStaff(config.apiUrl, secret).listPartners(undefined);
    } catch (error) {
      // A role that may not see partners is a role all the same.
      if (!(error instanceof ApiProblem && error.status === 403)) throw error;
    }
    onSignIn(secret);
  };
  return (
    <SignIn
      title="Sign in to the office"
      lead="For the people who work at Russet."
      label="Staff token"
      hint="It begins with rst_. It stays in this tab and is forgotten when you close it or sign out."
      missing="Enter your token."
      told={told}
      onTry={tryToken}
    />
  );
}
