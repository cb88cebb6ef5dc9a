/* global self, caches, clients, Response */
// The page without a network: its own files are kept, everything else goes to the services. What people wrote is kept by
// the page itself (IndexedDB), never here.
const files = /* FILES */ [];
const cacheName = "tickler-" + /* VERSION */ "dev";
// Paths that services answer (wire-api §1): never from here.
const services = /^\/(api|ws|mcp|oauth|docs|openapi\.json|calendar|unsubscribe|\.well-known)(\/|$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(files))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
      await clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || services.test(url.pathname)) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)));
});

/** A page: the newest where there is a network, else the one that is kept. */
async function page(request) {
  try {
    const fresh = await fetch(request);
    if (fresh.status < 500) return fresh;
  } catch {
    // no network
  }
  return (await caches.match("/")) ?? Response.error();
}

// A reminder while the page is closed. The message is {title, body?, task_id?}.
self.addEventListener("push", (event) => {
  const told = event.data?.json() ?? {};
  event.waitUntil(
    self.registration.showNotification(told.title ?? "Tickler", {
      body: told.body ?? "",
      icon: "/icon-192.png",
      tag: told.task_id ?? undefined,
      data: { path: told.task_id ? `/tasks/${told.task_id}` : "/notices" },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const { path } = event.notification.data;
      const open = await clients.matchAll({ type: "window" });
      if (open[0]) return open[0].focus().then((page) => page.navigate(path));
      return clients.openWindow(path);
    })(),
  );
});
