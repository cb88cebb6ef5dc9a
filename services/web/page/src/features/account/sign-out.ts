/** Leaving: the session goes first, then all that is kept of the person here. Loading anew empties the memory too. */
import { useCallback } from "react";
import { useSays } from "~/features/shell/says";
import { authClient, dropToken } from "~/lib/auth";
import { forgetDrafts } from "~/lib/draft";
import { forget } from "~/lib/keep";
import { text } from "~/text/en";
import { forgetPerson, usePerson } from "./person";

let under = false;

/** Whether somebody is leaving: then a session that is over is no reason to ask for a new one. */
export const isLeaving = (): boolean => under;

/** Ends the session by `end`, which answers whether it worked, and goes to the front page. */
export function useLeave(): (end: () => Promise<boolean>) => Promise<void> {
  const { id } = usePerson();
  return useCallback(
    async (end) => {
      under = true;
      if (!(await end())) {
        under = false;
        return;
      }
      dropToken();
      forgetPerson();
      forgetDrafts();
      await forget(id);
      window.location.replace("/");
    },
    [id],
  );
}

export function useSignOut(): () => Promise<void> {
  const leave = useLeave();
  const { say } = useSays();
  return useCallback(
    () =>
      leave(async () => {
        const { error } = await authClient.signOut();
        if (error) say({ words: text.auth.stillIn });
        return !error;
      }),
    [leave, say],
  );
}
