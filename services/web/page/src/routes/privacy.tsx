/** `/privacy`: what is kept of a person, where, how long, and how it goes. */
import { Link } from "@tanstack/react-router";
import { text } from "~/text/en";
import { useTitle } from "~/ui/title";

const words = text.privacy;

export function Privacy() {
  useTitle(words.title);
  return (
    <main id="main" className="mx-auto flex max-w-list flex-col gap-6 p-4 py-12">
      <Link to="/" className="self-start font-head text-quiet hover:text-ink">
        {text.name}
      </Link>
      <h1 className="text-title font-head">{words.title}</h1>
      {words.parts.map(([what, how]) => (
        <section key={what} className="flex flex-col gap-1">
          <h2 className="font-head">{what}</h2>
          <p className="max-w-words">{how}</p>
        </section>
      ))}
    </main>
  );
}
