/** `/chat` and `/chat/{id}`: talking to one's tasks. */
import "~/features/chat/no-eval";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { ConversationView } from "~/features/chat/conversation";
import { useConversationDeeds, useConversations, useHistory } from "~/features/chat/query";
import { Problem, sayNotLoaded, sayProblem } from "~/lib/problem";
import type { Conversation } from "~/lib/api";
import { text } from "~/text/en";
import { Button, IconButton } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { Field } from "~/ui/field";
import { Form } from "~/ui/form";
import { Empty, Notice, Shapes } from "~/ui/notice";
import { useTitle } from "~/ui/title";

const words = text.chat;

export function Chat() {
  const { id = null } = useParams({ strict: false });
  const navigate = useNavigate();
  // A conversation that began here keeps its view when it gets its address; any other address is another view.
  const [begun, setBegun] = useState<{ view: number; id: string | null }>({ view: 0, id: null });
  const goesOn = id !== null && id === begun.id;
  const history = useHistory(goesOn ? null : id);
  const conversations = useConversations();
  const deeds = useConversationDeeds();
  const here = conversations.data?.conversations.find((c) => c.id === id);
  useTitle(here?.title || words.title);

  const started = useCallback(
    (made: string) => {
      setBegun((b) => ({ ...b, id: made }));
      void navigate({ to: "/chat/$id", params: { id: made }, replace: true });
    },
    [navigate],
  );
  const fresh = () => {
    setBegun((b) => ({ view: b.view + 1, id: null }));
    void navigate({ to: "/chat" });
  };
  return (
    <main
      id="main"
      tabIndex={-1}
      className="mx-auto flex h-dvh max-w-list flex-col gap-4 p-4 pb-12 outline-none max-lg:h-[calc(100dvh-3rem)] lg:pt-8"
    >
      <div className="flex items-center gap-2">
        <h1 className="min-w-0 flex-1 truncate text-title font-head">{here?.title || words.title}</h1>
        <Conversations all={conversations.data?.conversations ?? []} here={here} onGone={fresh} />
        <Button onClick={fresh}>{words.fresh}</Button>
      </div>
      {conversations.isError && (
        <Notice action={<Button onClick={() => void conversations.refetch()}>{text.problem.retry}</Button>}>
          {sayNotLoaded(conversations.error)}
        </Notice>
      )}
      {history.isError ? (
        <Wrong error={history.error} />
      ) : id !== null && !goesOn && !history.isSuccess ? (
        <Shapes label={text.trail.loadingMore} />
      ) : (
        <ConversationView
          key={goesOn || id === null ? `new-${begun.view}` : id}
          id={id}
          history={goesOn || id === null ? [] : (history.data ?? [])}
          onStarted={started}
          onTurn={() => void deeds.refresh()}
        />
      )}
    </main>
  );
}

function Wrong({ error }: { error: Error }) {
  if (error instanceof Problem && error.status === 404) return <Empty words={words.gone} />;
  return <Notice>{sayProblem(error)}</Notice>;
}

/** The list of conversations, and renaming or deleting the one that is open. */
function Conversations({ all, here, onGone }: { all: Conversation[]; here: Conversation | undefined; onGone: () => void }) {
  const [open, setOpen] = useState(false);
  const [sure, setSure] = useState(false);
  const deeds = useConversationDeeds();
  const close = () => {
    setOpen(false);
    setSure(false);
  };
  return (
    <>
      <IconButton icon="menu" label={words.conversations} aria-haspopup="dialog" onClick={() => setOpen(true)} />
      {open && (
        <Dialog title={words.conversations} onClose={close}>
          {all.length === 0 && <p className="text-quiet">{words.none}</p>}
          <ul>
            {all.map((c) => (
              <li key={c.id}>
                <Link
                  to="/chat/$id"
                  params={{ id: c.id }}
                  onClick={close}
                  className={`flex min-h-row items-center rounded-control px-2 hover:bg-hover ${c === here ? "bg-accent-soft" : ""}`}
                >
                  <span className="truncate">{c.title}</span>
                </Link>
              </li>
            ))}
          </ul>
          {here && (
            <>
              <Form
                button={words.rename}
                onSubmit={(form) =>
                  deeds.rename.mutateAsync({ id: here.id, title: String(form.get("title")).trim() }).then(
                    () => close(),
                    (err: unknown) => sayProblem(err),
                  ) as Promise<string | undefined>
                }
              >
                <Field label={words.newTitle} name="title" required maxLength={200} defaultValue={here.title} />
              </Form>
              {sure ? (
                <p className="flex flex-wrap items-center gap-3">
                  {words.removeSure(here.title)}
                  <Button kind="danger" onClick={() => deeds.remove.mutate(here.id, { onSuccess: () => (close(), onGone()) })}>
                    {words.remove}
                  </Button>
                </p>
              ) : (
                <Button kind="danger" className="self-start" onClick={() => setSure(true)}>
                  {words.remove}
                </Button>
              )}
            </>
          )}
        </Dialog>
      )}
    </>
  );
}
