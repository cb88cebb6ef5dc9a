/** Time zone and week, kept with the person; theme and keys, kept in this browser. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type ReactNode } from "react";
import { keysOn, setKeys, setTheme, theme, themes } from "~/features/shell/preferences";
import { api, take, type Settings } from "~/lib/api";
import { authClient, dropToken } from "~/lib/auth";
import { sayProblem } from "~/lib/problem";
import { text } from "~/text/en";
import { inputClass } from "~/ui/field";
import { Notice } from "~/ui/notice";
import { Section } from "~/ui/section";
import { usePerson } from "./person";
import { settingsKey, useSettings } from "./settings-query";

const words = text.settings;

export function Time() {
  const person = usePerson();
  const queries = useQueryClient();
  const path = { user_id: person.id };
  const settings = useSettings();
  const change = useMutation({
    mutationFn: (body: Partial<Settings>) => take(api.PATCH("/api/{user_id}/settings", { params: { path }, body })),
    onSuccess: (told) => {
      queries.setQueryData(settingsKey(person.id), told);
      dropToken(); // the next one names the new zone
      authClient.$store.notify("$sessionSignal");
    },
  });
  const zone = settings.data?.time_zone ?? person.timeZone;
  return (
    <Section title={words.time}>
      {(settings.isError || change.isError) && <Notice>{sayProblem(settings.error ?? change.error)}</Notice>}
      <Choice label={words.zone} hint={words.zoneHint} value={zone} onChange={(time_zone) => change.mutate({ time_zone })}>
        {zones(zone).map((z) => (
          <option key={z}>{z}</option>
        ))}
      </Choice>
      <Choice
        label={words.weekStart}
        value={settings.data?.week_start ?? "monday"}
        onChange={(day) => change.mutate({ week_start: day === "sunday" ? "sunday" : "monday" })}
      >
        <option value="monday">{words.weekStarts.monday}</option>
        <option value="sunday">{words.weekStarts.sunday}</option>
      </Choice>
      <p role="status" className="text-quiet">
        {change.isSuccess && words.saved}
      </p>
    </Section>
  );
}

const zones = (own: string): string[] => [...new Set([own, "UTC", ...Intl.supportedValuesOf("timeZone")])].sort();

export function Look() {
  const [chosen, choose] = useState(theme);
  const [keys, switchKeys] = useState(keysOn);
  const hint = useId();
  return (
    <Section title={words.look}>
      <fieldset className="flex flex-wrap items-center gap-4">
        <legend className="pb-1 font-strong">{words.theme}</legend>
        {themes.map((t) => (
          <label key={t} className="inline-flex min-h-6 items-center gap-2">
            <input
              type="radio"
              name="theme"
              checked={chosen === t}
              onChange={() => {
                setTheme(t);
                choose(t);
              }}
              className="size-4 accent-accent"
            />
            {words.themes[t]}
          </label>
        ))}
      </fieldset>
      <div className="flex flex-col gap-1">
        <label className="inline-flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            checked={keys}
            aria-describedby={hint}
            onChange={(e) => {
              setKeys(e.target.checked);
              switchKeys(e.target.checked);
            }}
            className="size-4 accent-accent"
          />
          {words.keys}
        </label>
        <p id={hint} className="text-meta text-quiet">
          {words.keysHint}
        </p>
      </div>
    </Section>
  );
}

interface ChoiceProps {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}

function Choice({ label, hint, value, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className="flex w-full max-w-form flex-col gap-1">
      <label htmlFor={id} className="font-strong">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(e) => onChange(e.target.value)}
        aria-describedby={hint && id + "-hint"}
        className={inputClass}
      >
        {children}
      </select>
      {hint && (
        <p id={id + "-hint"} className="text-meta text-quiet">
          {hint}
        </p>
      )}
    </div>
  );
}
