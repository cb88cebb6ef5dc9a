/** `/__components`, in development builds: every component in every state. */
import { useState, type ReactNode } from "react";
import { Bars } from "~/features/data/bars";
import { Shares } from "~/features/data/shares";
import { Trend } from "~/features/data/trend";
import { text } from "~/text/en";
import { Button, IconButton } from "~/ui/button";
import { Combo } from "~/ui/combo";
import { Field, PasswordField } from "~/ui/field";
import { Form } from "~/ui/form";
import { Icon, iconNames } from "~/ui/icon";
import { Markdown } from "~/ui/markdown";
import { Empty, Notice, Shapes } from "~/ui/notice";
import { useTitle } from "~/ui/title";
import { ListStates } from "./components-lists";

const days = Array.from({ length: 30 }, (_, i) => `2026-11-${String(i + 1).padStart(2, "0")}`);
const notes =
  "# Trip\nTake the **early** train, see https://example.com.\n\n- [x] ticket\n- [ ] passport\n\n> Quiet car.\n\n1. pack\n2. go\n\n```\ncode\n```";

export function Components() {
  useTitle("Components");
  return (
    <main id="main" className="mx-auto flex max-w-list flex-col gap-8 p-4 py-8">
      <h1 className="text-title font-head">Components</h1>
      <Part name="Buttons">
        <div className="flex flex-wrap gap-3">
          <Button kind="main">Add task</Button>
          <Button>Plain</Button>
          <Button kind="danger">Delete 3 tasks</Button>
          <Button kind="main" disabled>
            Busy
          </Button>
          <IconButton icon="edit" label="Rename" />
          <IconButton icon="trash" label="Delete" />
        </div>
      </Part>
      <Part name="Icons">
        <div className="flex flex-wrap gap-3">
          {iconNames.map((name) => (
            <span key={name} title={name}>
              <Icon name={name} />
            </span>
          ))}
        </div>
      </Part>
      <Part name="Fields">
        <Field label="Name" defaultValue="Ana" />
        <Field label="E-mail" hint="Where reminders go." defaultValue="ana@example" error={text.auth.badEmail} />
        <PasswordField label="Password" hint={text.auth.passwordHint} />
        <Field label="Switched off" disabled value="Nothing to change" readOnly />
        <Form button="Save" done="Saved" onSubmit={() => Promise.resolve(text.problem.away)}>
          <Field label="In a form" name="x" />
        </Form>
        <Offers />
      </Part>
      <Part name="Messages">
        <Notice action={<Button>{text.problem.retry}</Button>}>{text.problem.away}</Notice>
        <Empty words={text.empty.today} icon="today" />
        <Empty words={text.empty.filtered} icon="search" />
        <Shapes label="Loading" rows={3} />
      </Part>
      <Part name="Notes">
        <Markdown source={notes} onTick={() => undefined} />
      </Part>
      <Part name="Pictures">
        <Bars days={days.map((date, i) => ({ date, created: (i * 7) % 5, completed: (i * 5) % 4 }))} />
        <Trend title={text.numbers.overdueTrend} days={days.map((date, i) => ({ date, count: Math.round(4 + 3 * Math.sin(i / 4)) }))} />
        <Shares
          title={text.numbers.byPriority}
          shares={[
            { label: "Critical", count: 2, search: {}, tone: "text-critical" },
            { label: "High", count: 5, search: {}, tone: "text-high" },
            { label: "Normal", count: 12, search: {}, tone: "text-accent" },
          ]}
        />
      </Part>
      <ListStates />
    </main>
  );
}

export function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section aria-label={name} className="flex flex-col gap-4 border-t border-line pt-4">
      <h2 className="text-meta font-strong text-quiet">{name}</h2>
      {children}
    </section>
  );
}

function Offers() {
  const [typed, setTyped] = useState("");
  const options = ["home", "work", "garden"].filter((o) => o.includes(typed)).map((value, i) => ({ value, hint: String(3 - i) }));
  return (
    <Combo
      label="Tag"
      placeholder="Add a tag"
      value={typed}
      onType={setTyped}
      onTake={setTyped}
      options={options}
      inline
      className="min-h-row w-full rounded-control border border-mark bg-raised px-3"
    />
  );
}
