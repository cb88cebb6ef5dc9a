import { useCallback } from "react";
import { authClient, dropToken } from "~/lib/auth";
import { forgetPerson } from "./person";

/** Signs out: the cookie goes first, then all that is kept of the person here. Loading anew empties the memory too. */
export function useSignOut(): () => Promise<void> {
  return useCallback(async () => {
    await authClient.signOut();
    dropToken();
    forgetPerson();
    window.location.replace("/");
  }, []);
}
