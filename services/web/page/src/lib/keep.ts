/**
 * What the page keeps in the browser between visits (IndexedDB): so that it opens without a network, and what was done
 * without one is not lost. Where the browser allows no storage, everything works but nothing is kept.
 */
const name = "tickler";
const stores = ["tasks", "marks", "commands"] as const;
type Store = (typeof stores)[number];

let opening: Promise<IDBDatabase | null> | undefined;

function open(): Promise<IDBDatabase | null> {
  opening ??= new Promise((done) => {
    let request: IDBOpenDBRequest;
    try {
      request = indexedDB.open(name, 1);
    } catch {
      return done(null);
    }
    request.onupgradeneeded = () => stores.forEach((s) => request.result.createObjectStore(s));
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
    request.onblocked = () => done(null);
  });
  return opening;
}

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error ?? new Error("storage"));
  });

type Work<T> = (store: (s: Store) => IDBObjectStore, commit: () => void) => Promise<T>;

/**
 * Does something in one transaction over all stores; null where there is no storage or it is full. It lasts when it has
 * ended, or as soon as the work commits it: else a page that goes away in between takes all of it back.
 */
async function within<T>(mode: IDBTransactionMode, work: Work<T>): Promise<T | null> {
  const db = await open();
  if (!db) return null;
  try {
    const tx = db.transaction(stores, mode);
    const ended = new Promise<void>((done, failed) => {
      tx.oncomplete = () => done();
      tx.onabort = tx.onerror = () => failed(tx.error ?? new Error("storage"));
    });
    const out = await work(
      (s) => tx.objectStore(s),
      () => tx.commit(),
    );
    await ended;
    return out;
  } catch {
    return null;
  }
}

// Everything of a person lies between these two keys; the one of an entry is `person/id`.
const of = (person: string) => IDBKeyRange.bound(`${person}/`, `${person}/\uffff`);

export interface Kept<Task, Command> {
  tasks: Task[];
  cursor: string | null;
  commands: Command[];
}

export function load<Task, Command>(person: string): Promise<Kept<Task, Command> | null> {
  return within("readonly", async (store) => {
    const [tasks, cursor, commands] = await Promise.all([
      answer(store("tasks").getAll(of(person))) as Promise<Task[]>,
      answer(store("marks").get(`${person}/cursor`)) as Promise<string | undefined>,
      answer(store("commands").getAll(of(person))) as Promise<Command[]>,
    ]);
    return { tasks, cursor: cursor ?? null, commands };
  });
}

/**
 * Writes what changed, together with the cursor that it belongs to. Another tab may be further already: then nothing is
 * written, as its newer tasks with this older cursor would be well, but older tasks with its newer cursor would not.
 */
export function save<Task extends { id: string }>(
  person: string,
  changed: readonly Task[],
  gone: readonly string[],
  cursor: string,
  isBehind: (cursor: string, kept: string) => boolean,
): Promise<boolean | null> {
  return within("readwrite", async (store) => {
    const kept = (await answer(store("marks").get(`${person}/cursor`))) as string | undefined;
    if (kept !== undefined && isBehind(cursor, kept)) return false;
    for (const task of changed) store("tasks").put(task, `${person}/${task.id}`);
    for (const id of gone) store("tasks").delete(`${person}/${id}`);
    store("marks").put(cursor, `${person}/cursor`);
    return true;
  });
}

/**
 * Keeps what was done and not sent yet, and forgets what is through, for which its tasks take the place in one step:
 * in between a reload would find neither. A newer one that another tab has kept stays.
 */
export function saveCommands<Task extends { id: string; version: number }, Command extends { id: string }>(
  person: string,
  added: readonly Command[],
  through: readonly string[],
  tasks: readonly Task[],
): Promise<true | null> {
  return within("readwrite", async (store, commit) => {
    for (const command of added) store("commands").put(command, `${person}/${command.id}`);
    for (const id of through) store("commands").delete(`${person}/${id}`);
    if (tasks.length === 0) commit(); // nothing to look at first: it lasts from here on
    const keys = tasks.map((task) => `${person}/${task.id}`);
    const had = await Promise.all(keys.map((key) => answer(store("tasks").get(key)) as Promise<Task | undefined>));
    tasks.forEach((task, i) => {
      if ((had[i]?.version ?? 0) < task.version) store("tasks").put(task, keys[i]);
    });
    return true as const;
  });
}

/** Forgets everything of a person: at sign-out, on a device that others may use. */
export const forget = (person: string): Promise<true | null> => empty(person, stores);

/** Forgets what the services told, not what they are still to be told. */
export const forgetTasks = (person: string): Promise<true | null> => empty(person, ["tasks", "marks"]);

function empty(person: string, which: readonly Store[]): Promise<true | null> {
  return within("readwrite", (store) => {
    for (const s of which) store(s).delete(of(person));
    return Promise.resolve(true as const);
  });
}
