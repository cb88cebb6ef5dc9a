/** Name, e-mail and password, by the auth client. */
import { authClient } from "~/lib/auth";
import { text } from "~/text/en";
import { Field, PasswordField } from "~/ui/field";
import { Form } from "~/ui/form";
import { Section } from "~/ui/section";
import { sayAuthError } from "./errors";
import { usePerson } from "./person";

const words = text.settings;
const value = (form: FormData, name: string) => String(form.get(name) ?? "").trim();

export function Profile() {
  const person = usePerson();
  return (
    <Section title={words.account}>
      <Form
        button={words.save}
        done={words.saved}
        onSubmit={async (form) => {
          const { error } = await authClient.updateUser({ name: value(form, "name") });
          return error ? sayAuthError(error).words : undefined;
        }}
      >
        <Field label={words.name} name="name" autoComplete="name" required maxLength={200} defaultValue={person.name} />
      </Form>
      <Form
        button={words.changeEmail}
        done={words.emailMailed}
        clears
        onSubmit={async (form) => {
          const { error } = await authClient.changeEmail({ newEmail: value(form, "email"), callbackURL: "/settings" });
          return error ? sayAuthError(error).words : undefined;
        }}
      >
        <Field label={words.newEmail} name="email" type="email" autoComplete="email" required hint={words.emailNow(person.email)} />
      </Form>
    </Section>
  );
}

export function Password() {
  const person = usePerson();
  return (
    <Section title={words.password}>
      <Form
        button={words.changePassword}
        done={words.passwordChanged}
        clears
        onSubmit={async (form) => {
          const { error } = await authClient.changePassword({
            currentPassword: String(form.get("current")),
            newPassword: String(form.get("new")),
            revokeOtherSessions: form.get("others") === "on",
          });
          if (error?.code === "INVALID_PASSWORD") return words.wrongPassword;
          return error ? sayAuthError(error).words : undefined;
        }}
      >
        <input type="text" name="username" autoComplete="username" value={person.email} readOnly hidden />
        <PasswordField label={words.currentPassword} name="current" autoComplete="current-password" required />
        <PasswordField
          label={words.newPassword}
          name="new"
          autoComplete="new-password"
          required
          minLength={8}
          maxLength={128}
          hint={text.auth.passwordHint}
        />
        <label className="inline-flex min-h-6 items-center gap-2">
          <input type="checkbox" name="others" defaultChecked className="size-4 accent-accent" />
          {words.endOthers}
        </label>
      </Form>
    </Section>
  );
}
