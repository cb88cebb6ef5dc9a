/** Whether this tab follows along: a dot and a word, calm as long as all is well. */
import { useSnapshot } from "~/features/tasks/context";
import { text } from "~/text/en";

const tones = { live: "bg-done", connecting: "bg-mark", waiting: "bg-high", offline: "bg-high", crowded: "bg-high", ended: "bg-mark" };

export function useFeedWords(): { words: string; state: keyof typeof tones; unsent: number } {
  const feed = useSnapshot((s) => s.feed);
  const stuck = useSnapshot((s) => s.stuck);
  const unsent = useSnapshot((s) => s.replica.pending.length);
  const unkept = useSnapshot((s) => s.unkept);
  // The feed may be well while nobody takes what is done here.
  const state = feed === "live" && stuck ? "waiting" : feed;
  const words = feed === "live" && stuck ? text.feed.stuck : feed === "ended" ? text.feed.connecting : text.feed[feed];
  if (state === "live" || unsent === 0) return { words, state, unsent };
  return { words: `${unkept ? text.feed.unkept : words} ${text.feed.unsent(unsent)}.`, state, unsent };
}

export function FeedLine() {
  const { words, state, unsent } = useFeedWords();
  return (
    <p role="status" data-feed={state} data-unsent={unsent} className="flex items-start gap-2 px-2 text-meta text-quiet">
      <span aria-hidden="true" className={`mt-1 size-2 shrink-0 rounded-full ${tones[state]}`} />
      {words}
    </p>
  );
}
