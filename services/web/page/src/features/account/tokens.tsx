/** API tokens: for scripts and agents that act for the person, each with no more rights than it needs. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNow } from "~/features/tasks/context";
import { api, named, take } from "~/lib/api";
import { sayProblem } from "~/lib/problem";
import { addDays, dayOf, momentWords } from "~/lib/time";
import { uuid7 } from "~/lib/uuid";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { Form } from "~/ui/form";
import { Notice } from "~/ui/notice";
import { Once } from "~/ui/once";
import { Section } from "~/ui/section";
import { usePerson } from "./person";

const words = text.settings.tokens;
const scopes = ["tasks:read", "tasks:write", "audit:read"] as const;
const defaultDays = 90;

export function Tokens() {
  const { id: user } = usePerson();
  const now = useNow();
  const queries = useQueryClient();
  const key = ["tokens", user];
  const path = { user_id: user };
  const [made, setMade] = useState<string | null>(null);
  const tokens = useQuery({ queryKey: key, queryFn: () => take(api.GET("/api/{user_id}/tokens", { params: { path } })) });
  const remove = useMutation({
    mutationFn: (id: string) => take(api.DELETE("/api/{user_id}/tokens/{id}", { params: { path: { ...path, id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  const said = (iso: string) => momentWords(iso, new Date(now.at), now.zone).short;

  async function make(form: FormData): Promise<string | undefined> {
    const body = {
      name: String(form.get("name")).trim(),
      scopes: scopes.filter((s) => form.getAll("scope").includes(s)),
      expires_at: `${String(form.get("expires"))}T23:59:59Z`,
    };
    if (body.scopes.length === 0) return words.noScope;
    try {
      const { token } = await take(api.POST("/api/{user_id}/tokens", { params: { path }, headers: named(uuid7()), body }));
      setMade(token);
      void queries.invalidateQueries({ queryKey: key });
    } catch (err) {
      return sayProblem(err);
    }
  }

  return (
    <Section title={words.title} lead={words.lead}>
      {tokens.isError && <Notice>{sayProblem(tokens.error)}</Notice>}
      {remove.isError && <Notice>{sayProblem(remove.error)}</Notice>}
      <ul className="empty:hidden">
        {tokens.data?.tokens.map((t) => (
          <li key={t.id} className="flex min-h-touch flex-wrap items-center gap-3">
            <span className="min-w-0 flex-1">
              {t.name}{" "}
              <span className="text-meta text-quiet">
                {t.scopes.join(", ")} · {words.until(said(t.expires_at))} ·{" "}
                {t.last_used_at ? words.used(said(t.last_used_at)) : words.unused}
              </span>
            </span>
            <Button aria-label={words.revokeNamed(t.name)} onClick={() => remove.mutate(t.id)}>
              {words.revoke}
            </Button>
          </li>
        ))}
      </ul>
      {made && <Once words={words.once} secret={made} />}
      <Form button={words.make} onSubmit={make} clears>
        <Field label={words.name} name="name" required maxLength={100} />
        <fieldset className="flex flex-wrap gap-4">
          <legend className="pb-1 font-strong">{words.scopes}</legend>
          {scopes.map((s) => (
            <label key={s} className="inline-flex min-h-6 items-center gap-2">
              <input type="checkbox" name="scope" value={s} defaultChecked={s === "tasks:read"} className="size-4 accent-accent" />
              {words.scopeNames[s]}
            </label>
          ))}
        </fieldset>
        <Field
          label={words.expires}
          name="expires"
          type="date"
          required
          defaultValue={addDays(dayOf(new Date(now.at), "UTC"), defaultDays)}
        />
      </Form>
    </Section>
  );
}
