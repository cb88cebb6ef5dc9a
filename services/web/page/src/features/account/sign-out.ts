/** Leaving: the session goes first, then all that is kept of the person here. Loading anew empties the memory too. */
import { useCallback } from "react";
import { useSays } from "~/features/shell/says";
import { useLive } from "~/features/tasks/context";
import { authClient, dropToken, leaving } from "~/lib/auth";
import { forgetDrafts } from "~/lib/draft";
import { forget } from "~/lib/keep";
import { text } from "~/text/en";
import { forgetPerson, usePerson } from "./person";

/** Ends the session by `end`, which answers whether it worked, and goes to the front page. */
export function useLeave(): (end: () => Promise<boolean>) => Promise<void> {
  const { id } = usePerson();
  const live = useLive();
  return useCallback(
    async (end) => {
      leaving(true);
      if (!(await end())) return leaving(false);
      live.stop(); // nothing more is kept
      dropToken();
      forgetPerson();
      forgetDrafts();
      await forget(id);
      window.location.replace("/");
    },
    [id, live],
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
