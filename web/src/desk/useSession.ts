import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ApiProblem } from "../api/problem";
import { SecretSession, useSignedIn } from "./secret-session";

/**
 * A desk's session: its API while someone is signed in, and how to sign in and out. A 401 to a call ends the session and keeps the
 * server's words for the sign-in page. What was fetched under the query key `desk` is forgotten with it.
 */
export function useSession<Api>(desk: string, connect: (secret: string, heard: (problem: ApiProblem) => void) => Api) {
  const client = useQueryClient();
  const [session] = useState(() => new SecretSession(`russet.${desk}`));
  const { secret, told } = useSignedIn(session);
  const api = useMemo(() => {
    if (secret === null) return null;
    return connect(secret, (problem) => {
      if (problem.status === 401 && session.now().secret === secret) session.end(problem.message);
    });
    // One connection for one secret: `connect` only knows the configuration, which never changes.
  }, [secret, session]);
  const signOut = () => {
    session.end();
    client.removeQueries({ queryKey: [desk] });
    focusPage();
  };
  const signIn = (newcomer: string) => {
    client.removeQueries({ queryKey: [desk] });
    session.begin(newcomer);
    focusPage();
  };
  return { api, told, signIn, signOut };
}

/** The button that was pressed goes with what it did, and the focus must not go with it. */
function focusPage(): void {
  document.getElementById("main")?.focus({ preventScroll: true });
}
