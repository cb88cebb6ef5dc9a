/** Deleting oneself: with the password, said plainly, and asked once more. */
import { useState } from "react";
import { authClient } from "~/lib/auth";
import { text } from "~/text/en";
import { Button } from "~/ui/button";
import { PasswordField } from "~/ui/field";
import { Form } from "~/ui/form";
import { Section } from "~/ui/section";
import { sayAuthError } from "./errors";
import { useLeave } from "./sign-out";

const words = text.settings;

export function Danger() {
  const leave = useLeave();
  const [asked, setAsked] = useState(false);

  async function remove(password: string): Promise<string | undefined> {
    let wrong: string | undefined;
    await leave(async () => {
      const { error } = await authClient.deleteUser({ password });
      if (error) wrong = error.code === "INVALID_PASSWORD" ? words.wrongPassword : sayAuthError(error).words;
      return !error;
    });
    return wrong;
  }

  return (
    <Section title={words.danger} lead={words.dangerLead}>
      {asked ? (
        <>
          <Form button={words.deleteSure} kind="danger" onSubmit={(form) => remove(String(form.get("password")))}>
            <PasswordField label={words.confirmPassword} name="password" autoComplete="current-password" required />
          </Form>
          <Button className="self-start" onClick={() => setAsked(false)}>
            {words.cancel}
          </Button>
        </>
      ) : (
        <Button kind="danger" className="self-start" onClick={() => setAsked(true)}>
          {words.deleteAccount}
        </Button>
      )}
    </Section>
  );
}
