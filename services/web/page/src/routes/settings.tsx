/** `/settings`, `/settings/notices`, `/settings/data`: oneself, what comes how, and what goes in and out. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Look, Time } from "~/features/account/choices";
import { Danger } from "~/features/account/danger";
import { Password, Profile } from "~/features/account/profile";
import { Sessions } from "~/features/account/sessions";
import { Tokens } from "~/features/account/tokens";
import { Calendar, Export, Import } from "~/features/data/carry";
import { Webhooks } from "~/features/data/webhooks";
import { PreferencesView } from "~/features/notices/preferences";
import { Push } from "~/features/notices/push";
import { text } from "~/text/en";
import { useTitle } from "~/ui/title";

const words = text.settings;
const tabs = [
  ["/settings", words.tabs.you],
  ["/settings/notices", words.tabs.notices],
  ["/settings/data", words.tabs.data],
] as const;

function Frame({ children }: { children: ReactNode }) {
  useTitle(words.title);
  return (
    <main id="main" tabIndex={-1} className="mx-auto flex max-w-list flex-col gap-6 p-4 outline-none lg:pt-8">
      <h1 className="flex min-h-row items-center text-title font-head">{words.title}</h1>
      <nav aria-label={words.title} className="flex flex-wrap gap-1 border-b border-line pb-2">
        {tabs.map(([to, label]) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: true }}
            activeProps={{ className: "bg-accent-soft font-strong", "aria-current": "page" }}
            inactiveProps={{ className: "text-quiet hover:bg-hover" }}
            className="inline-flex min-h-8 items-center rounded-control px-3 max-sm:min-h-touch"
          >
            {label}
          </Link>
        ))}
      </nav>
      {children}
    </main>
  );
}

export function Settings() {
  return (
    <Frame>
      <Look />
      <Time />
      <Profile />
      <Password />
      <Sessions />
      <Danger />
      <Link to="/privacy" className="self-start text-accent underline underline-offset-4">
        {words.privacy}
      </Link>
    </Frame>
  );
}

export function NoticeSettings() {
  return (
    <Frame>
      <Push />
      <PreferencesView />
    </Frame>
  );
}

export function DataSettings() {
  return (
    <Frame>
      <Import />
      <Export />
      <Calendar />
      <Tokens />
      <Webhooks />
    </Frame>
  );
}
