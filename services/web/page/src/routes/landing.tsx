/** `/`: what it is, for those who are new; who is signed in goes on to the tasks. */
import { Link, Navigate } from "@tanstack/react-router";
import { usePersonSession } from "~/features/account/person";
import { text } from "~/text/en";
import { buttonClass } from "~/ui/button";
import { SampleList } from "./landing-list";
import { useTitle } from "~/ui/title";

export function Landing() {
  useTitle(text.name);
  const session = usePersonSession();
  if (session.state === "here" && session.sure) return <Navigate to="/tasks" replace />;
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-wide flex-col justify-center gap-12 p-4 py-12">
      <p className="font-head text-quiet">{text.name}</p>
      <div className="grid items-center gap-12 lg:grid-cols-2">
        <div className="flex flex-col gap-6">
          <h1 className="text-hero font-head">{text.landing.title}</h1>
          <p className="max-w-words text-quiet">{text.landing.lead}</p>
          <p className="flex flex-wrap gap-3">
            <Link to="/signup" className={buttonClass("main")}>
              {text.landing.signUp}
            </Link>
            <Link to="/signin" className={buttonClass("plain")}>
              {text.landing.signIn}
            </Link>
          </p>
        </div>
        <SampleList />
      </div>
      <dl className="grid gap-6 border-t border-line pt-6 sm:grid-cols-3">
        {text.landing.points.map(([what, why]) => (
          <div key={what} className="flex flex-col gap-1">
            <dt className="font-strong">{what}</dt>
            <dd className="text-quiet">{why}</dd>
          </div>
        ))}
      </dl>
      <Link to="/privacy" className="self-start text-meta text-quiet underline underline-offset-4">
        {text.privacy.title}
      </Link>
    </main>
  );
}
