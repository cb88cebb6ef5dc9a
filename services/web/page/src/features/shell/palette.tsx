/** The palette: every command and every task by a few letters. */
import { useState } from "react";
import { text } from "~/text/en";
import { Combo } from "~/ui/combo";
import { Frame } from "~/ui/dialog";
import { useCommands, useFound } from "./commands";

export function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const [typed, setTyped] = useState("");
  const wanted = typed.trim();
  const commands = useCommands(onKeys);
  const tasks = useFound(wanted);
  const words = wanted.toLowerCase().split(/\s+/);
  const shown = [...commands.filter((c) => words.every((w) => c.label.toLowerCase().includes(w))), ...tasks];
  return (
    <Frame label={text.keys.palette} onClose={onClose} className="mt-12 w-list">
      <Combo
        label={text.keys.palette}
        placeholder={text.keys.palettePlaceholder}
        value={typed}
        onType={setTyped}
        options={shown.map(({ id, label, icon, key }) => ({ value: id, label, icon, ...(key && { hint: key }) }))}
        inline
        eager
        data-first
        onTake={(id) => {
          const command = shown.find((c) => c.id === id);
          if (!command) return;
          onClose();
          command.run();
        }}
        className="min-h-touch w-full border-b border-line bg-transparent px-4 outline-none"
        listClass="max-h-[60dvh] overflow-y-auto"
      />
      {shown.length === 0 && (
        <p role="status" className="p-4 text-quiet">
          {text.keys.nothing}
        </p>
      )}
    </Frame>
  );
}
