import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { authClient, dropToken } from "~/lib/auth";
import { forgetPerson } from "./person";

/** Signs out: the cookie goes first, then all that is kept of the person here. */
export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate();
  return useCallback(async () => {
    await authClient.signOut();
    dropToken();
    forgetPerson();
    await navigate({ to: "/", replace: true });
  }, [navigate]);
}
