// The unmodified clients of the AI SDK against the wired service with the planner of rules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, transport, window } from "./dom.mjs";

const { act, createElement } = await import("react");
const { createRoot } = await import("react-dom/client");
const { useChat } = await import("@ai-sdk/react");
const { readUIMessageStream, validateUIMessages } = await import("ai");

// room is a page with one chat; chat is what its hook returned last.
async function room(options) {
  const place = window.document.createElement("div");
  window.document.body.append(place);
  const root = createRoot(place);
  const here = { chat: null, errors: [] };
  const Page = () => {
    here.chat = useChat({ onError: (e) => here.errors.push(e), ...options });
    return createElement("p", null, here.chat.status);
  };
  await act(() => root.render(createElement(Page)));
  here.until = async (what, holds) => {
    for (let tries = 0; tries < 500; tries++) {
      if (holds(here.chat)) return;
      await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
    }
    assert.fail(`never ${what}: ${here.chat.status} ${JSON.stringify(here.chat.messages)}`);
  };
  here.say = async (text) => {
    await act(() => here.chat.sendMessage({ text }));
    await here.until("ready", (c) => c.status === "ready" || c.status === "error");
    return here.chat.messages.at(-1);
  };
  here.leave = () => act(() => root.unmount());
  return here;
}

const textOf = (m) => m.parts.filter((p) => p.type === "text").map((p) => p.text).join("\n");
const toolsOf = (m) => m.parts.filter((p) => p.type === "dynamic-tool");
const conversationOf = (m) => m.metadata.conversation_id;

test("useChat shows words, tools and cards, and what is kept is the same", async () => {
  const here = await room({ transport: transport() });
  const answer = await here.say("Create a task: Buy groceries");
  assert.deepEqual(here.errors, []);
  assert.equal(here.chat.messages.length, 2);
  assert.equal(answer.role, "assistant");
  assert.match(textOf(answer), /Buy groceries/);
  const made = toolsOf(answer).find((t) => t.toolName === "add_task");
  assert.equal(made.state, "output-available");
  assert.equal(made.output.status, "success");
  const card = answer.parts.find((p) => p.type === "data-task");
  assert.equal(card.id, card.data.id);
  assert.equal(card.data.title, "Buy groceries");
  const kept = await (await ask(`conversations/${conversationOf(answer)}`)).json();
  const messages = await validateUIMessages({ messages: kept.messages.map(({ id, role, parts }) => ({ id, role, parts })) });
  assert.equal(messages[1].id, answer.id);
  const plain = (parts) => JSON.parse(JSON.stringify(parts));
  assert.deepEqual(plain(messages[1].parts), plain(answer.parts));
  await here.leave();
});

test("several changes are asked about, and the message yes makes them", async () => {
  const here = await room({ transport: transport() });
  await here.say("Create a task: Swim");
  await here.say("Create a task: Read");
  const asks = await here.say("delete 'Swim' and 'Read'");
  const open = toolsOf(asks).filter((t) => t.state === "approval-requested");
  assert.ok(open.length > 0 && open.every((t) => t.approval.id), JSON.stringify(asks.parts));
  const done = await here.say("yes");
  assert.ok(toolsOf(done).some((t) => t.state === "output-available"), JSON.stringify(done.parts));
  const kept = await (await ask(`conversations/${conversationOf(done)}`)).json();
  await validateUIMessages({ messages: kept.messages.map(({ id, role, parts }) => ({ id, role, parts })) });
  await here.leave();
});

test("regenerate replaces the answer and does nothing twice", async () => {
  const here = await room({ transport: transport() });
  const first = await here.say("Create a task: Only once");
  await act(() => here.chat.regenerate());
  await here.until("ready", (c) => c.status === "ready");
  const second = here.chat.messages.at(-1);
  assert.equal(here.chat.messages.length, 2);
  assert.notEqual(second.id, first.id);
  const list = await here.say("list my tasks");
  assert.equal(textOf(list).split("Only once").length, 2, textOf(list));
  await here.leave();
});

test("a refusal is an error with the problem's body", async () => {
  const here = await room({ transport: transport("0198c5a0-0000-7000-8000-000000000001") });
  await here.say("hello");
  assert.equal(here.chat.status, "error");
  assert.equal(JSON.parse(here.errors[0].message).status, 404);
  await here.leave();
});

test("a stream that is read with ai's own reader ends as the message that is kept", async () => {
  const way = transport();
  const stream = await way.sendMessages({
    chatId: "c", trigger: "submit-message", messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "what can you do?" }] }],
  });
  let last;
  for await (const message of readUIMessageStream({ stream })) last = message;
  assert.match(textOf(last), /\w/);
  assert.equal(await way.reconnectToStream({ chatId: "c" }), null); // nothing runs any more: 204
});
