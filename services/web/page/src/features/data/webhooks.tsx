/** Webhooks: where changes are told to, what became of each delivery, and telling one again. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { usePerson } from "~/features/account/person";
import { useNow } from "~/features/tasks/context";
import { api, named, take, type Webhook } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { momentWords } from "~/lib/time";
import { uuid7 } from "~/lib/uuid";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { Form } from "~/ui/form";
import { Notice } from "~/ui/notice";
import { Once } from "~/ui/once";
import { Section } from "~/ui/section";

const words = text.data.webhooks;

export function Webhooks() {
  const { id: user } = usePerson();
  const queries = useQueryClient();
  const key = ["webhooks", user];
  const path = { user_id: user };
  const [secret, setSecret] = useState<string | null>(null);
  const hooks = useQuery({ queryKey: key, retry: false, queryFn: () => take(api.GET("/api/{user_id}/webhooks", { params: { path } })) });
  const refresh = () => queries.invalidateQueries({ queryKey: key });
  const remove = useMutation({
    mutationFn: (id: string) => take(api.DELETE("/api/{user_id}/webhooks/{id}", { params: { path: { ...path, id } } })),
    onSettled: refresh,
  });
  const change = useMutation({
    mutationFn: ({ id, enabled }: Pick<Webhook, "id" | "enabled">) =>
      take(api.PATCH("/api/{user_id}/webhooks/{id}", { params: { path: { ...path, id } }, body: { enabled } })),
    onSettled: refresh,
  });

  async function add(form: FormData): Promise<string | undefined> {
    const events = String(form.get("events"))
      .split(/[\s,]+/)
      .filter(Boolean);
    const body = { url: String(form.get("url")).trim(), ...(events.length > 0 && { events }) };
    try {
      const made = await take(api.POST("/api/{user_id}/webhooks", { params: { path }, headers: named(uuid7()), body }));
      setSecret(made.secret);
      void refresh();
    } catch (err) {
      return sayProblem(err);
    }
  }

  return (
    <Section title={words.title} lead={words.lead}>
      {hooks.isError && <Notice>{sayProblem(hooks.error)}</Notice>}
      {(remove.isError || change.isError) && <Notice>{sayProblem(remove.error ?? change.error)}</Notice>}
      <ul className="flex flex-col gap-2 empty:hidden">
        {hooks.data?.webhooks.map((h) => (
          <li key={h.id} className="flex flex-col gap-1">
            <div className="flex min-h-touch flex-wrap items-center gap-3">
              <span className="min-w-0 flex-1 break-all">
                {h.url} <span className="text-meta text-quiet">{h.events?.length ? h.events.join(", ") : words.allEvents}</span>
                {!h.enabled && <span className="text-meta text-overdue"> · {words.off}</span>}
              </span>
              <Button
                aria-label={(h.enabled ? words.turnOffNamed : words.turnOnNamed)(h.url)}
                onClick={() => change.mutate({ id: h.id, enabled: !h.enabled })}
              >
                {h.enabled ? words.turnOff : words.turnOn}
              </Button>
              <Button aria-label={words.removeNamed(h.url)} onClick={() => remove.mutate(h.id)}>
                {words.remove}
              </Button>
            </div>
            <Deliveries hook={h} />
          </li>
        ))}
      </ul>
      {secret && <Once words={words.once} secret={secret} />}
      <Form button={words.add} onSubmit={add} clears>
        <Field label={words.url} name="url" type="url" required placeholder="https://" />
        <Field label={words.events} name="events" hint={words.eventsHint} />
      </Form>
    </Section>
  );
}

function Deliveries({ hook }: { hook: Webhook }) {
  const { id: user } = usePerson();
  const now = useNow();
  const [open, setOpen] = useState(false);
  const path = { user_id: user, id: hook.id };
  const deliveries = useQuery({
    queryKey: ["deliveries", user, hook.id],
    enabled: open,
    retry: false,
    queryFn: () => take(api.GET("/api/{user_id}/webhooks/{id}/deliveries", { params: { path } })),
  });
  const replay = useMutation({
    mutationFn: (delivery_id: string) =>
      take(
        api.POST("/api/{user_id}/webhooks/{id}/deliveries/{delivery_id}/replay", {
          params: { path: { ...path, delivery_id } },
          headers: named(uuid7()),
        }),
      ),
    onSettled: () => deliveries.refetch(),
  });
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)} className="text-meta">
      <summary className="min-h-6 text-quiet">{words.deliveries}</summary>
      {deliveries.isError && <Notice>{sayProblem(deliveries.error)}</Notice>}
      {deliveries.data?.deliveries.length === 0 && <p className="text-quiet">{words.noDeliveries}</p>}
      <ul>
        {deliveries.data?.deliveries.map((d) => (
          <li key={d.id} className="flex min-h-8 items-center gap-3">
            <time dateTime={d.created_at}>{momentWords(d.created_at, new Date(now.at), now.zone).short}</time>
            <span className="flex-1">
              {d.status} · {words.attempts(d.attempts)}
            </span>
            <button
              type="button"
              onClick={() => replay.mutate(d.id)}
              className="min-h-8 rounded-control px-2 hover:bg-hover max-sm:min-h-touch"
            >
              {words.replay}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
