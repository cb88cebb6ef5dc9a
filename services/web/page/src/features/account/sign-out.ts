import { useCallback } from "react";
import { authClient, dropToken } from "~/lib/auth";
import { forget } from "~/lib/keep";
import { forgetPerson, usePerson } from "./person";

/** Signs out: the cookie goes first, then all that is kept of the person here. Loading anew empties the memory too. */
export function useSignOut(): () => Promise<void> {
  const { id } = usePerson();
  return useCallback(async () => {
    await authClient.signOut();
    dropToken();
    forgetPerson();
    await forget(id);
    window.location.replace("/");
  }, [id]);
}
