import { describe, expect, test } from "vitest";
import { formOf, ruleOf } from "./repeat-form";

const friday = "2026-11-27"; // the fourth of its month
const fresh = formOf({ recurrence_rule: null }, friday);

describe("the fields of a repeat", () => {
  test("begin with every week on the day that it is due", () => {
    expect(ruleOf(fresh, friday)).toEqual({ frequency: "weekly", interval: 1, anchor: "due_date", by_weekday: ["fr"] });
  });

  test("name a day of the month by number, by weekday, or as the last", () => {
    const monthly = { ...fresh, frequency: "monthly" as const };
    expect(ruleOf(monthly, friday)).toMatchObject({ by_month_day: [27] });
    expect(ruleOf({ ...monthly, monthly: "weekday" }, friday)).toMatchObject({ by_weekday: ["4fr"] });
    expect(ruleOf({ ...monthly, monthly: "weekday" }, "2026-11-30")).toMatchObject({ by_weekday: ["-1mo"] });
    expect(ruleOf({ ...monthly, monthly: "last" }, friday)).toMatchObject({ by_month_day: [-1] });
    expect(ruleOf({ ...monthly, monthly: "workday" }, friday)).toMatchObject({
      by_weekday: ["mo", "tu", "we", "th", "fr"],
      by_set_pos: -1,
    });
  });

  test("end at a day or after a number, never both", () => {
    expect(ruleOf({ ...fresh, ends: "until", until: "2027-01-01" }, friday)).toMatchObject({ until: "2027-01-01" });
    const counted = ruleOf({ ...fresh, ends: "count", count: 3, until: "2027-01-01" }, friday);
    expect(counted).toMatchObject({ count: 3 });
    expect(counted).not.toHaveProperty("until");
  });

  test("say of a known rule what it says", () => {
    const rule = {
      rrule: "",
      anchor: "due_date" as const,
      text: "",
      frequency: "monthly" as const,
      interval: 2,
      by_weekday: ["mo", "tu", "we", "th", "fr"],
      by_set_pos: -1,
      count: 4,
    };
    expect(formOf({ recurrence_rule: rule }, friday)).toMatchObject({
      frequency: "monthly",
      interval: 2,
      monthly: "workday",
      ends: "count",
      count: 4,
    });
  });
});
