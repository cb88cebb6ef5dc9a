/** Taking tasks in from elsewhere, taking them out, and the calendar that follows them. */
import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type SubmitEvent } from "react";
import { usePerson } from "~/features/account/person";
import { useLive } from "~/features/tasks/context";
import { api, fetchAsPerson, named, take, type ImportReport } from "~/lib/api";
import { problemOf, sayProblem } from "~/lib/problem";
import { uuid7 } from "~/lib/uuid";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { inputClass } from "~/ui/field";
import { Notice } from "~/ui/notice";
import { Once } from "~/ui/once";
import { Section } from "~/ui/section";

const words = text.data;
const importFormats = ["todoist_csv", "ticktick_csv", "ics", "json"] as const;
const exportFormats = ["json", "csv", "ics"] as const;

export function Import() {
  const { id: user } = usePerson();
  const live = useLive();
  const file = useRef<HTMLInputElement>(null);
  const [format, setFormat] = useState<(typeof importFormats)[number]>("todoist_csv");
  const run = useMutation({
    mutationFn: async (dry: boolean): Promise<{ dry: boolean; report: ImportReport }> => {
      const chosen = file.current?.files?.[0];
      if (!chosen) throw new Error(words.import.noFile);
      const answer = await fetchAsPerson(`/api/${encodeURIComponent(user)}/import?format=${format}&dry_run=${dry}`, {
        method: "POST",
        headers: { ...named(uuid7()), "Content-Type": "application/octet-stream" },
        body: chosen,
      });
      if (!answer.ok) throw await problemOf(answer);
      return { dry, report: (await answer.json()) as ImportReport };
    },
    onSuccess: ({ dry }) => void (dry || live.sync()),
  });
  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    run.mutate(false);
  }
  return (
    <Section title={words.import.title} lead={words.import.lead}>
      {run.isError && <Notice>{run.error.message === words.import.noFile ? words.import.noFile : sayProblem(run.error)}</Notice>}
      <form onSubmit={submit} className="flex flex-col gap-3">
        <label className="flex max-w-form flex-col gap-1 font-strong">
          {words.import.format}
          <select
            value={format}
            onChange={(e) => setFormat(importFormats.find((f) => f === e.target.value) ?? "json")}
            className={`${inputClass} font-body`}
          >
            {importFormats.map((f) => (
              <option key={f} value={f}>
                {words.import.formats[f]}
              </option>
            ))}
          </select>
        </label>
        <label className="flex max-w-form flex-col gap-1 font-strong">
          {words.import.file}
          <input
            ref={file}
            type="file"
            accept=".csv,.ics,.json"
            onChange={(e) => setFormat((was) => formatOf(e.target.files?.[0]?.name, was))}
            className={`${inputClass} font-body file:my-1 file:mr-3 file:min-h-8 file:rounded-control file:border-0 file:bg-hover file:px-3 file:font-strong file:text-ink`}
          />
        </label>
        <p className="flex flex-wrap gap-3">
          <Button onClick={() => run.mutate(true)} disabled={run.isPending}>
            {words.import.check}
          </Button>
          <Button kind="main" type="submit" disabled={run.isPending}>
            {words.import.run}
          </Button>
        </p>
      </form>
      <div role="status">{run.data && <Report {...run.data} />}</div>
    </Section>
  );
}

/** The format that a file's name tells; of the two kinds of CSV the one that was chosen. */
function formatOf(name: string | undefined, chosen: (typeof importFormats)[number]): (typeof importFormats)[number] {
  const end = name?.split(".").at(-1)?.toLowerCase();
  if (end === "ics" || end === "json") return end;
  return end === "csv" && !chosen.endsWith("_csv") ? "todoist_csv" : chosen;
}

function Report({ dry, report }: { dry: boolean; report: ImportReport }) {
  return (
    <div className="flex flex-col gap-2">
      <p>{(dry ? words.import.would : words.import.did)(report.created, report.updated, report.skipped)}</p>
      {report.problems.length > 0 && (
        <table className="w-full text-left text-meta">
          <caption className="text-left font-strong">{words.import.problems}</caption>
          <tbody>
            {report.problems.map((p, i) => (
              <tr key={i} className="border-t border-line">
                <td className="p-1">{words.import.line(p.line)}</td>
                <td className="p-1">{p.field}</td>
                <td className="p-1">{p.value}</td>
                <td className="p-1">{p.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

const patience = 5_000; // ms that taking tasks out waits for what was just done to be in them

export function Export() {
  const { id: user } = usePerson();
  const { store } = useLive();
  const run = useMutation({
    mutationFn: async (format: (typeof exportFormats)[number]) => {
      await store.through(patience);
      const answer = await fetchAsPerson(`/api/${encodeURIComponent(user)}/export?format=${format}`);
      if (!answer.ok) throw await problemOf(answer);
      hand(await answer.blob(), `tickler.${format}`);
    },
  });
  return (
    <Section title={words.export.title} lead={words.export.lead}>
      {run.isError && <Notice>{sayProblem(run.error)}</Notice>}
      <p className="flex flex-wrap gap-3">
        {exportFormats.map((f) => (
          <Button key={f} disabled={run.isPending} onClick={() => run.mutate(f)}>
            {words.export.formats[f]}
          </Button>
        ))}
      </p>
    </Section>
  );
}

/** Hands a file to the person: a link cannot carry the token. */
function hand(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function Calendar() {
  const { id: user } = usePerson();
  const path = { user_id: user };
  const make = useMutation({ mutationFn: () => take(api.POST("/api/{user_id}/calendar", { params: { path }, headers: named(uuid7()) })) });
  const end = useMutation({
    mutationFn: () => take(api.DELETE("/api/{user_id}/calendar", { params: { path } })),
    onSuccess: () => make.reset(),
  });
  return (
    <Section title={words.calendar.title} lead={words.calendar.lead}>
      {(make.isError || end.isError) && <Notice>{sayProblem(make.error ?? end.error)}</Notice>}
      {make.data && <Once words={words.calendar.once} secret={make.data.url} />}
      <p className="flex flex-wrap items-center gap-3">
        <Button onClick={() => make.mutate()}>{words.calendar.make}</Button>
        <Button onClick={() => end.mutate()}>{words.calendar.end}</Button>
        <span role="status" className="text-quiet">
          {end.isSuccess && words.calendar.ended}
        </span>
      </p>
    </Section>
  );
}
