/** Where one is signed in, and ending each of it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNow } from "~/features/tasks/context";
import { authClient } from "~/lib/auth";
import { Problem } from "~/lib/problem";
import { momentWords } from "~/lib/time";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Notice, Shapes } from "~/ui/notice";
import { Section } from "~/ui/section";
import { usePerson } from "./person";

const words = text.settings;

/** A device by its user agent, as far as that can be told. */
export function deviceOf(agent: string | null | undefined): string {
  if (!agent) return words.unknownDevice;
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1]?.replace("Edg", "Edge").replace("OPR", "Opera");
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1]?.replace("Mac OS X", "Mac");
  return browser && system ? `${browser}, ${system}` : (browser ?? agent.slice(0, 40));
}

export function Sessions() {
  const person = usePerson();
  const now = useNow();
  const queries = useQueryClient();
  const { data: here } = authClient.useSession();
  const key = ["sessions", person.id];
  const sessions = useQuery({
    queryKey: key,
    queryFn: async () => {
      const { data, error } = await authClient.listSessions();
      if (error) throw new Problem(error.status, { code: error.code ?? "", detail: error.message ?? "" });
      return data;
    },
  });
  const end = useMutation({
    mutationFn: async (token: string | null) => {
      const { error } = token ? await authClient.revokeSession({ token }) : await authClient.revokeOtherSessions();
      if (error) throw new Problem(error.status, { detail: error.message ?? "" });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  const stale = sessions.error instanceof Problem && sessions.error.code === "SESSION_NOT_FRESH";
  return (
    <Section title={words.sessions}>
      {sessions.isPending && <Shapes label={text.trail.loadingMore} rows={2} />}
      {sessions.isError && <Notice>{stale ? words.notFresh : text.problem.load}</Notice>}
      {end.isError && <Notice>{text.problem.away}</Notice>}
      <ul className="flex flex-col">
        {sessions.data?.map((s) => {
          const mine = s.id === here?.session.id;
          const device = deviceOf(s.userAgent);
          return (
            <li key={s.id} className="flex min-h-touch items-center gap-3">
              <span className="min-w-0 flex-1">
                {device}{" "}
                <span className="text-meta text-quiet">
                  {words.since(momentWords(new Date(s.createdAt).toISOString(), new Date(now.at), now.zone).short)}
                </span>
              </span>
              {mine ? (
                <span className="text-meta text-done">{words.thisSession}</span>
              ) : (
                <Button aria-label={words.endSessionOf(device)} onClick={() => end.mutate(s.token)}>
                  {words.endSession}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {(sessions.data?.length ?? 0) > 1 && (
        <Button className="self-start" onClick={() => end.mutate(null)}>
          {words.endAll}
        </Button>
      )}
    </Section>
  );
}
