/** The palette: every command and every task by a few letters. */
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Autocomplete, Input, Menu, MenuItem, TextField } from "react-aria-components";
import { useSignOut } from "~/features/account/sign-out";
import { useNow, useSnapshot } from "~/features/tasks/context";
import { views, type ViewName } from "~/features/tasks/filter";
import { select } from "~/features/tasks/select";
import { text } from "~/text/en";
import { Frame } from "~/ui/dialog";
import { Icon, type IconName } from "~/ui/icon";
import { pages } from "./sidebar";
import { setTheme, themes } from "./preferences";

interface Command {
  id: string;
  label: string;
  icon: IconName;
  run: () => void;
}

const mostTasks = 8;

export function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const [typed, setTyped] = useState("");
  const wanted = typed.trim();
  const commands = useCommands(onKeys);
  const tasks = useFound(wanted);
  const words = wanted.toLowerCase().split(/\s+/);
  const fitting = commands.filter((c) => words.every((w) => c.label.toLowerCase().includes(w)));
  const shown = [...fitting, ...tasks];
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  return (
    <Frame label={text.keys.palette} onClose={onClose} className="mt-12">
      <div className="flex max-h-[70dvh] flex-col">
        <Autocomplete inputValue={typed} onInputChange={setTyped}>
          <TextField aria-label={text.keys.palette} autoFocus className="border-b border-line">
            <Input
              placeholder={text.keys.palettePlaceholder}
              // Enter takes the first one as long as none is marked: react-aria marks it only half a second later.
              onKeyDown={(e) => e.key === "Enter" && !e.currentTarget.getAttribute("aria-activedescendant") && run(shown[0])}
              className="min-h-touch w-full bg-transparent px-4 outline-none"
            />
          </TextField>
          <Menu
            aria-label={text.keys.palette}
            items={shown}
            className="overflow-y-auto p-2 outline-none"
            renderEmptyState={() => <p className="p-3 text-quiet">{text.keys.nothing}</p>}
            onAction={(key) => run(shown.find((c) => c.id === key))}
          >
            {(command) => (
              <MenuItem
                id={command.id}
                textValue={command.label}
                className="flex min-h-row items-center gap-3 rounded-control px-2 outline-none data-focused:bg-accent-soft"
              >
                <Icon name={command.icon} />
                <span className="min-w-0 truncate">{command.label}</span>
              </MenuItem>
            )}
          </Menu>
        </Autocomplete>
      </div>
    </Frame>
  );
}

function useFound(wanted: string): Command[] {
  const { tasks } = useSnapshot();
  const now = useNow();
  const navigate = useNavigate();
  return useMemo(() => {
    if (!wanted) return [];
    const found = select(tasks.values(), { status: "all", q: wanted }, now).flatMap((g) => g.tasks);
    return found.slice(0, mostTasks).map((task) => ({
      id: task.id,
      label: task.title,
      icon: task.completed ? ("done" as const) : ("all" as const),
      run: () => void navigate({ to: "/tasks/$id", params: { id: task.id }, search: {} }),
    }));
  }, [tasks, now, wanted, navigate]);
}

function useCommands(onKeys: () => void): Command[] {
  const navigate = useNavigate();
  const signOut = useSignOut();
  const lists = (Object.keys(views) as ViewName[]).map((name) => ({
    id: "go-" + name,
    label: text.keys.goTo(text.nav[name]),
    icon: name,
    run: () => void navigate({ to: "/tasks", search: views[name] }),
  }));
  const looks = themes.map((t) => ({
    id: "theme-" + t,
    label: text.keys.theme(text.settings.themes[t]),
    icon: "settings" as const,
    run: () => setTheme(t),
  }));
  const places = pages.map(([to, icon, label]) => ({
    id: "go" + to,
    label: text.keys.goTo(label),
    icon,
    run: () => void navigate({ to }),
  }));
  const add = () =>
    void navigate({ to: "/tasks", search: {} }).then(() =>
      requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-quick-add]")?.focus()),
    );
  return [
    { id: "add", label: text.tasks.add, icon: "plus", run: add },
    ...lists,
    ...places,
    ...looks,
    { id: "keys", label: text.keys.title, icon: "more", run: onKeys },
    { id: "sign-out", label: text.nav.signOut, icon: "out", run: () => void signOut() },
  ];
}
