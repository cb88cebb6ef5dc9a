/** Reminders by this browser, even when the page is closed (web push). */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { usePerson } from "~/features/account/person";
import { api, named, take } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { uuid7 } from "~/lib/uuid";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/notice";
import { Section } from "~/ui/section";

const words = text.notices.push;
const able = (): boolean => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

export function Push() {
  const { id: user } = usePerson();
  const queries = useQueryClient();
  const key = ["push", user];
  const path = { user_id: user };
  const here = useQuery({ queryKey: key, enabled: able(), queryFn: async () => (await subscription()) !== null });
  const flip = useMutation({
    mutationFn: async (on: boolean) => {
      if (!on) {
        const had = await subscription();
        if (!had) return;
        await take(api.DELETE("/api/{user_id}/push/subscriptions", { params: { path }, body: { endpoint: had.endpoint } }));
        await had.unsubscribe();
        return;
      }
      if ((await Notification.requestPermission()) !== "granted") throw new Error(words.denied);
      const { key: applicationServerKey } = await take(api.GET("/api/{user_id}/push/key", { params: { path } }));
      const worker = await navigator.serviceWorker.ready;
      const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
      await take(api.POST("/api/{user_id}/push/subscriptions", { params: { path }, headers: named(uuid7()), body: sent(made) }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  return (
    <Section title={words.title} lead={able() ? words.lead : words.unable}>
      {flip.isError && <Notice>{flip.error.message === words.denied ? words.denied : sayProblem(flip.error)}</Notice>}
      {able() && (
        <Button className="self-start" disabled={flip.isPending} onClick={() => flip.mutate(!here.data)}>
          {here.data ? words.off : words.on}
        </Button>
      )}
    </Section>
  );
}

const subscription = async (): Promise<PushSubscription | null> => {
  const worker = await navigator.serviceWorker.getRegistration();
  return (await worker?.pushManager.getSubscription()) ?? null;
};

/** A subscription as the service takes it. */
function sent(made: PushSubscription): { endpoint: string; expirationTime: number | null; keys: { p256dh: string; auth: string } } {
  const { keys } = made.toJSON();
  return {
    endpoint: made.endpoint,
    expirationTime: made.expirationTime,
    keys: { p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" },
  };
}
