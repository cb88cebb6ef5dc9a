import { describe, expect, test } from "vitest";
import { addDays, dayOf, dayWords, dueDay, dueWords, instantOf, momentWords } from "./time";

const zone = "Europe/Berlin";
const now = new Date("2026-11-23T08:30:00Z"); // a Monday, 09:30 in Berlin
const words = (due_date: string, due_at: string | null = null) => dueWords({ due_date, due_at }, now, zone, "en-GB");
const plain = (said: string | undefined) => said?.replaceAll(",", ""); // some releases of the locale data write a comma, some do not

describe("a due date in words", () => {
  test.each([
    ["2026-11-23", "today"],
    ["2026-11-24", "tomorrow"],
    ["2026-11-22", "yesterday"],
    ["2026-11-27", "Fri"],
    ["2026-11-20", "Fri 20 Nov"],
    ["2026-12-31", "31 Dec"],
    ["2027-11-20", "20 Nov 2027"],
  ])("%s is %s", (day, short) => {
    expect(plain(words(day)?.short)).toBe(short);
  });

  test("a time is told in the person's own zone", () => {
    const said = words("2026-12-31T09:00:00-05:00", "2026-12-31T14:00:00Z");
    expect([said?.short, plain(said?.full)]).toEqual(["31 Dec 15:00", "Thursday 31 December 2026 15:00"]);
  });

  test("a date stays that date, whatever the zone", () => {
    const due = { due_date: "2026-12-31", due_at: "2026-12-31T22:59:59Z" };
    expect(dueDay(due, "Pacific/Auckland")).toBe("2026-12-31");
    expect(dueDay(due, "America/Los_Angeles")).toBe("2026-12-31");
  });

  test("nothing is said where there is none", () => {
    expect(dueWords({ due_date: null, due_at: null }, now, zone)).toBeNull();
  });
});

test("a day begins at the person's midnight", () => {
  const late = new Date("2026-11-23T23:30:00Z");
  expect(dayOf(late, "UTC")).toBe("2026-11-23");
  expect(dayOf(late, zone)).toBe("2026-11-24");
});

test("days go over the ends of months and over daylight saving", () => {
  expect(addDays("2026-10-24", 2)).toBe("2026-10-26");
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
});

describe("a wall-clock time as an instant", () => {
  test("in winter and in summer", () => {
    expect(instantOf("2026-12-31", "09:00", zone).toISOString()).toBe("2026-12-31T08:00:00.000Z");
    expect(instantOf("2026-07-01", "09:00", zone).toISOString()).toBe("2026-07-01T07:00:00.000Z");
  });

  test("a time that does not exist moves forward by the gap", () => {
    expect(instantOf("2026-03-29", "02:30", zone).toISOString()).toBe("2026-03-29T01:30:00.000Z");
  });

  test("of two, the first", () => {
    expect(instantOf("2026-10-25", "02:30", zone).toISOString()).toBe("2026-10-25T00:30:00.000Z");
  });
});

test("a moment of the past: the clock today, the day before it otherwise", () => {
  expect(momentWords("2026-11-23T07:02:00Z", now, zone, "en-GB").short).toBe("08:02");
  expect(momentWords("2026-11-22T16:30:00Z", now, zone, "en-GB").short).toBe("yesterday 17:30");
  expect(dayWords("2026-11-03", "2026-11-23", "en-GB")).toBe("3 Nov");
});
