/** `/notices`: what came while one was elsewhere. */
import { Link } from "@tanstack/react-router";
import { useRead, useNotices } from "~/features/notices/query";
import { useNow } from "~/features/tasks/context";
import { sayNotLoaded } from "~/lib/problem";
import { momentWords } from "~/lib/time";
import type { NoticeItem } from "~/lib/api";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { Icon } from "~/ui/icon";
import { Empty, Notice, Shapes } from "~/ui/notice";
import { useTitle } from "~/ui/title";

const words = text.notices;

export function Notices() {
  useTitle(words.title);
  const notices = useNotices();
  const read = useRead();
  const unread = notices.data?.unread ?? 0;
  return (
    <main id="main" tabIndex={-1} className="mx-auto flex max-w-list flex-col gap-4 p-4 outline-none lg:pt-8">
      <div className="flex min-h-row items-center gap-4">
        <h1 className="flex-1 text-title font-head">{words.title}</h1>
        {unread > 0 && <Button onClick={() => read.mutate(null)}>{words.readAll}</Button>}
      </div>
      {notices.isError && (
        <Notice action={<Button onClick={() => void notices.refetch()}>{text.problem.retry}</Button>}>{sayNotLoaded(notices.error)}</Notice>
      )}
      {notices.isPending && <Shapes label={text.trail.loadingMore} />}
      {notices.data?.notices.length === 0 && <Empty words={words.empty} />}
      <ul>
        {notices.data?.notices.map((n) => (
          <li key={n.id} className="border-b border-line last:border-b-0">
            <Item notice={n} onRead={() => read.mutate(n.id)} />
          </li>
        ))}
      </ul>
    </main>
  );
}

function Item({ notice, onRead }: { notice: NoticeItem; onRead: () => void }) {
  const now = useNow();
  const when = momentWords(notice.created_at, new Date(now.at), now.zone);
  const fresh = notice.read_at === null;
  return (
    <div className="flex min-h-touch items-center gap-3 px-2">
      <Icon name={notice.kind === "reminder" ? "bell" : "activity"} small />
      <div className="min-w-0 flex-1">
        {notice.task_id ? (
          <Link
            to="/tasks/$id"
            params={{ id: notice.task_id }}
            search={{}}
            onClick={() => fresh && onRead()}
            className={fresh ? "font-strong" : ""}
          >
            {notice.title}
          </Link>
        ) : (
          <span className={fresh ? "font-strong" : ""}>{notice.title}</span>
        )}
        <p className="text-meta text-quiet">
          <span className={notice.kind.startsWith("agent.") ? "text-agent" : ""}>{sayKind(notice.kind)}</span> ·{" "}
          <time dateTime={notice.created_at} title={when.full}>
            {when.short}
          </time>
          {fresh && <span className="sr-only"> · {words.unread}</span>}
        </p>
      </div>
      {fresh && (
        <button
          type="button"
          aria-label={words.readNamed(notice.title)}
          onClick={onRead}
          className="min-h-8 rounded-control px-2 text-meta text-quiet hover:bg-hover max-sm:min-h-touch"
        >
          {words.read}
        </button>
      )}
    </div>
  );
}

/** What a notice is about; of a kind that is not known yet, its group. */
function sayKind(kind: string): string {
  const { kinds } = words;
  if (kind === "reminder") return words.reminder;
  return kinds[kind as keyof typeof kinds] ?? kinds[kind.replace(/[^.]+$/, "*") as keyof typeof kinds] ?? kind;
}
