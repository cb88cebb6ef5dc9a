/** `/settings`: the account, where one is signed in, the look, the time, and the way out. */
import { Link } from "@tanstack/react-router";
import { Look, Time } from "~/features/account/choices";
import { Danger } from "~/features/account/danger";
import { Password, Profile } from "~/features/account/profile";
import { Sessions } from "~/features/account/sessions";
import { Tokens } from "~/features/account/tokens";
import { text } from "~/text/en";
import { useTitle } from "~/ui/title";

export function Settings() {
  useTitle(text.settings.title);
  return (
    <main id="main" tabIndex={-1} className="mx-auto flex max-w-list flex-col gap-6 p-4 outline-none lg:pt-8">
      <h1 className="text-title font-head">{text.settings.title}</h1>
      <Look />
      <Time />
      <Profile />
      <Password />
      <Sessions />
      <Tokens />
      <Danger />
      <Link to="/privacy" className="self-start text-accent underline underline-offset-4">
        {text.settings.privacy}
      </Link>
    </main>
  );
}
