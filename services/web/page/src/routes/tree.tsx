/** Every address of the page. A route's code comes when it is first gone to. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, Outlet } from "@tanstack/react-router";
import { Shell } from "~/features/shell/shell";
import { parseFilter } from "~/features/tasks/filter";
import { text } from "~/text/en";
import { Button, buttonClass } from "~/ui/button";
import { Landing } from "./landing";
import { parseSearch, stringifySearch } from "./search";
import { SignIn } from "./signin";
import { SignUp } from "./signup";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: Crashed });

const nextSearch = (search: Record<string, unknown>): { next?: string; ended?: string } => ({
  ...(typeof search["next"] === "string" && { next: search["next"] }),
  ...(search["ended"] === "1" && { ended: "1" }),
});

const landing = createRoute({ getParentRoute: () => root, path: "/", component: Landing });
const signin = createRoute({ getParentRoute: () => root, path: "/signin", validateSearch: nextSearch, component: SignIn });
const signup = createRoute({ getParentRoute: () => root, path: "/signup", validateSearch: nextSearch, component: SignUp });

const forgot = createRoute({
  getParentRoute: () => root,
  path: "/forgot",
  component: lazyRouteComponent(() => import("./forgot"), "Forgot"),
});
const privacy = createRoute({
  getParentRoute: () => root,
  path: "/privacy",
  component: lazyRouteComponent(() => import("./privacy"), "Privacy"),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset-password",
  validateSearch: (search: Record<string, unknown>): { token?: string; error?: string } => ({
    ...(typeof search["token"] === "string" && { token: search["token"] }),
    ...(typeof search["error"] === "string" && { error: search["error"] }),
  }),
  component: lazyRouteComponent(() => import("./forgot"), "Reset"),
});

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
const tasks = createRoute({
  getParentRoute: () => shell,
  path: "/tasks",
  validateSearch: parseFilter,
  component: lazyRouteComponent(() => import("./tasks"), "Tasks"),
});
// The panel belongs to the list's own component: going from task to task, the list stays as it is.
const task = createRoute({ getParentRoute: () => tasks, path: "$id", component: () => null });
const activity = createRoute({
  getParentRoute: () => shell,
  path: "/activity",
  component: lazyRouteComponent(() => import("./activity"), "Activity"),
});

const chat = createRoute({
  getParentRoute: () => shell,
  path: "/chat",
  component: lazyRouteComponent(() => import("./chat"), "Chat"),
});
const conversation = createRoute({ getParentRoute: () => chat, path: "$id", component: () => null });
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings"), "Settings"),
});
const noticeSettings = createRoute({
  getParentRoute: () => shell,
  path: "/settings/notices",
  component: lazyRouteComponent(() => import("./settings"), "NoticeSettings"),
});
const dataSettings = createRoute({
  getParentRoute: () => shell,
  path: "/settings/data",
  component: lazyRouteComponent(() => import("./settings"), "DataSettings"),
});
const notices = createRoute({
  getParentRoute: () => shell,
  path: "/notices",
  component: lazyRouteComponent(() => import("./notices"), "Notices"),
});
const numbers = createRoute({
  getParentRoute: () => shell,
  path: "/numbers",
  component: lazyRouteComponent(() => import("./numbers"), "Numbers"),
});

// Every component in every state, for those who build and for the tests that photograph it; no part of a release.
const components = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => root,
        path: "/__components",
        component: lazyRouteComponent(() => import("./components"), "Components"),
      }),
    ]
  : [];

export const router = createRouter({
  routeTree: root.addChildren([
    landing,
    signin,
    signup,
    forgot,
    privacy,
    reset,
    ...components,
    shell.addChildren([
      tasks.addChildren([task]),
      chat.addChildren([conversation]),
      notices,
      activity,
      numbers,
      settings,
      noticeSettings,
      dataSettings,
    ]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

function NotFound() {
  return (
    <main id="main" className="mx-auto flex max-w-form flex-col gap-4 p-4 py-12">
      <h1 className="text-title font-head">{text.notFound.title}</h1>
      <p className="text-quiet">{text.notFound.lead}</p>
      <Link to="/tasks" className={buttonClass("main")}>
        {text.notFound.back}
      </Link>
    </main>
  );
}

function Crashed({ error }: { error: unknown }) {
  console.error(error);
  return (
    <main id="main" className="mx-auto flex max-w-form flex-col gap-4 p-4 py-12">
      <h1 className="text-title font-head">{text.crashed.title}</h1>
      <p className="text-quiet">{text.crashed.lead}</p>
      <Button kind="main" onClick={() => window.location.reload()}>
        {text.crashed.again}
      </Button>
    </main>
  );
}
