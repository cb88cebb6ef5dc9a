/** One conversation: what was said, and the field to say more. The log follows the newest line unless one reads above. */
import { useChat } from "@ai-sdk/react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { usePerson } from "~/features/account/person";
import { sayProblem } from "~/lib/problem";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { touch } from "~/ui/media";
import { Empty, Notice } from "~/ui/notice";
import { asksFirst, MessageView } from "./parts";
import { conversationOf, problemBehind, stopTurn, transportFor, type ChatMessage } from "./transport";

const words = text.chat;

interface ConversationProps {
  /** The conversation that is gone on with; null for a new one. */
  id: string | null;
  history: ChatMessage[];
  /** A new conversation has got its id. */
  onStarted: (id: string) => void;
  onTurn: () => void;
}

export function ConversationView({ id, history, onStarted, onTurn }: ConversationProps) {
  const { id: user } = usePerson();
  const transport = useMemo(() => transportFor(user, id), [user, id]);
  const { messages, sendMessage, status, stop, error, regenerate } = useChat<ChatMessage>({
    messages: history,
    transport,
    // Where nobody has answered the last message, the answer may still be on its way.
    resume: id !== null && history.at(-1)?.role === "user",
    onFinish: onTurn,
  });
  const busy = status === "submitted" || status === "streaming";
  const started = conversationOf(messages);
  useEffect(() => {
    if (started && started !== id) onStarted(started);
  }, [started, id, onStarted]);

  const say = (words: string) => void sendMessage({ text: words });
  function end() {
    const here = started ?? id;
    if (here) stopTurn(user, here).catch(() => undefined); // what cannot be reached cannot be stopped
    void stop();
  }
  const asks = !busy && (messages.at(-1)?.parts.some(asksFirst) ?? false);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4">
      <Log messages={messages} busy={status === "submitted"} />
      {messages.length === 0 && (
        <div className="flex flex-wrap justify-center gap-2">
          {words.suggestions.map((s) => (
            <button
              key={s}
              type="button"
              onClick={() => say(s)}
              className="min-h-8 rounded-full border border-line px-3 text-meta text-quiet hover:bg-hover hover:text-ink max-sm:min-h-row"
            >
              {s}
            </button>
          ))}
        </div>
      )}
      {asks && (
        <div className="flex gap-2">
          <Button kind="main" onClick={() => say("yes")}>
            {words.confirm}
          </Button>
          <Button onClick={() => say("no")}>{words.deny}</Button>
        </div>
      )}
      {error && (
        <Notice action={<Button onClick={() => void regenerate()}>{words.retry}</Button>}>{sayProblem(problemBehind(error))}</Notice>
      )}
      <Composer busy={busy} onSay={say} onStop={end} />
    </div>
  );
}

function Log({ messages, busy }: { messages: ChatMessage[]; busy: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const el = box.current;
    if (el && atEnd.current) el.scrollTop = el.scrollHeight;
  }, [messages, busy]);
  return (
    // The log is scrolled by keyboard too, so it can be focused.
    <div
      ref={box}
      role="log"
      aria-live="polite"
      aria-label={words.log}
      tabIndex={0} // eslint-disable-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable (WCAG 2.1.1)
      onScroll={(e) => {
        const el = e.currentTarget;
        atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < 48;
      }}
      className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto"
    >
      {messages.length === 0 && <Empty words={words.empty} />}
      {messages.map((m) => (
        <MessageView key={m.id} message={m} />
      ))}
      {busy && <p className="late text-quiet">{words.working}</p>}
    </div>
  );
}

function Composer({ busy, onSay, onStop }: { busy: boolean; onSay: (words: string) => void; onStop: () => void }) {
  const [typed, setTyped] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // Not where that would bring a keyboard over half of the screen.
    if (!window.matchMedia(touch).matches) area.current?.focus({ preventScroll: true });
  }, []);
  function send() {
    const said = typed.trim();
    if (!said || busy) return;
    onSay(said);
    setTyped("");
  }
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
      className="composer flex items-end gap-2"
    >
      <textarea
        ref={area}
        rows={2}
        value={typed}
        maxLength={10_000}
        aria-label={words.placeholder}
        placeholder={words.placeholder}
        onChange={(e) => setTyped(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== "Enter" || e.shiftKey || e.nativeEvent.isComposing) return;
          e.preventDefault();
          send();
        }}
        className="min-w-0 flex-1 resize-none rounded-control border border-mark bg-raised px-3 py-2"
      />
      {busy ? (
        <Button onClick={onStop}>{words.stop}</Button>
      ) : (
        <Button kind="main" type="submit">
          {words.send}
        </Button>
      )}
    </form>
  );
}
