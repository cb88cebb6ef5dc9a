/** What is chosen for this browser alone: the theme, and whether single keys are commands. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const get = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // no storage allowed: the defaults hold
  }
};

const put = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // then it holds until the page is closed
  }
};

export const theme = (): Theme => themes.find((t) => t === get("tickler.theme")) ?? "system";

export function setTheme(chosen: Theme): void {
  put("tickler.theme", chosen);
  if (chosen === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}

/** Single keys as commands can be switched off (WCAG 2.1.4): who dictates would set them off by talking. */
export const keysOn = (): boolean => get("tickler.keys") !== "off";
export const setKeys = (on: boolean): void => put("tickler.keys", on ? "on" : "off");
