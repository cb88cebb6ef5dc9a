/** Which news comes by which way, and when it is quiet. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { usePerson } from "~/features/account/person";
import { api, take, type Channel, type Preferences, type PreferencesPatch } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { text } from "~/text/en";
import { Field } from "~/ui/field";
import { Form } from "~/ui/form";
import { Notice, Shapes } from "~/ui/notice";
import { Section } from "~/ui/section";

const words = text.notices;
const channels = ["in_app", "email", "push", "sms", "webhook"] as const satisfies readonly Channel[];
const kinds = ["reminder", "task.overdue", "task.created", "task.updated", "task.completed", "agent.task.*", "system.task.*"] as const;

function usePreferences() {
  const { id: user } = usePerson();
  const queries = useQueryClient();
  const key = ["preferences", user];
  const path = { user_id: user };
  const told = useQuery({ queryKey: key, retry: false, queryFn: () => take(api.GET("/api/{user_id}/preferences", { params: { path } })) });
  const change = useMutation({
    mutationFn: (body: PreferencesPatch) => take(api.PATCH("/api/{user_id}/preferences", { params: { path }, body })),
    onMutate: (body) => {
      const before = queries.getQueryData<Preferences>(key);
      if (before && body.channels) queries.setQueryData(key, { ...before, channels: { ...before.channels, ...body.channels } });
      return { before };
    },
    onSuccess: (after) => queries.setQueryData(key, after),
    onError: (_err, _body, kept) => queries.setQueryData(key, kept?.before),
  });
  return { told, change };
}

export function PreferencesView() {
  const { told, change } = usePreferences();
  if (told.isPending) return <Shapes label={text.trail.loadingMore} />;
  if (told.isError) return <Notice>{sayProblem(told.error)}</Notice>;
  const { channels: chosen, quiet_hours: quiet, phone } = told.data;
  const flip = (kind: string, channel: Channel, on: boolean) => {
    const had = chosen[kind] ?? [];
    change.mutate({ channels: { [kind]: on ? [...had, channel] : had.filter((c) => c !== channel) } });
  };
  return (
    <>
      <Section title={words.ways} lead={words.waysLead}>
        {change.isError && <Notice>{sayProblem(change.error)}</Notice>}
        <Grid chosen={chosen} onFlip={flip} />
      </Section>
      <Section title={words.quiet} lead={words.quietLead}>
        <label className="inline-flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            checked={quiet.enabled}
            onChange={(e) => change.mutate({ quiet_hours: { ...quiet, enabled: e.target.checked } })}
            className="size-4 accent-accent"
          />
          {words.quietOn}
        </label>
        <Form
          button={text.settings.save}
          done={text.settings.saved}
          onSubmit={(form) =>
            change.mutateAsync({ quiet_hours: { ...quiet, from: String(form.get("from")), to: String(form.get("to")) } }).then(
              () => undefined,
              (err: unknown) => sayProblem(err),
            )
          }
        >
          <Field label={words.from} name="from" type="time" required defaultValue={quiet.from} />
          <Field label={words.to} name="to" type="time" required defaultValue={quiet.to} />
        </Form>
      </Section>
      <Section title={words.phone}>
        <Form
          button={text.settings.save}
          done={text.settings.saved}
          onSubmit={(form) =>
            change.mutateAsync({ phone: String(form.get("phone")).trim() || null }).then(
              () => undefined,
              (err: unknown) => sayProblem(err),
            )
          }
        >
          <Field label={words.phoneNumber} name="phone" type="tel" autoComplete="tel" hint={words.phoneHint} defaultValue={phone ?? ""} />
        </Form>
      </Section>
    </>
  );
}

function Grid({ chosen, onFlip }: { chosen: Preferences["channels"]; onFlip: (kind: string, channel: Channel, on: boolean) => void }) {
  return (
    <div
      className="overflow-x-auto"
      role="group"
      aria-label={words.table}
      tabIndex={0 /* eslint-disable-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable (WCAG 2.1.1) */}
    >
      <table className="w-full text-left max-sm:block">
        <thead className="max-sm:block">
          <tr className="max-sm:grid max-sm:grid-cols-5">
            <th scope="col" className="p-1 text-meta font-strong text-quiet max-sm:sr-only">
              {words.what}
            </th>
            {channels.map((c) => (
              <th key={c} scope="col" className="p-1 text-center text-meta font-strong whitespace-nowrap text-quiet">
                {words.channels[c]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-sm:block">
          {kinds.map((kind) => (
            <tr key={kind} className="border-t border-line max-sm:grid max-sm:grid-cols-5">
              <th scope="row" className="p-1 font-body max-sm:col-span-5">
                {words.kinds[kind]}
              </th>
              {channels.map((c) => (
                <td key={c} className="text-center">
                  <label className="inline-flex size-8 items-center justify-center max-sm:size-touch">
                    <span className="sr-only">
                      {words.kinds[kind]}, {words.channels[c]}
                    </span>
                    <input
                      type="checkbox"
                      checked={chosen[kind]?.includes(c) ?? false}
                      onChange={(e) => onFlip(kind, c, e.target.checked)}
                      className="size-4 accent-accent"
                    />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
