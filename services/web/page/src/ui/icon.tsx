/** The few pictures of the page, drawn as strokes of 24 × 24. They say nothing by themselves: a word is beside or in a label. */
const paths = {
  inbox: "M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5",
  today: "M5 6h14v14H5zM5 10h14M9 3v4M15 3v4",
  upcoming: "M5 6h14v14H5zM5 10h14M9 3v4M15 3v4M8.5 13.5h.01M12 13.5h.01M15.5 13.5h.01M8.5 16.5h.01M12 16.5h.01",
  date: "M5 6h14v14H5zM5 10h14M9 3v4M15 3v4M12 13v4M10 15h4",
  fields: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  task: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z",
  overdue: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4l3 2",
  done: "M5 12.5l4.5 4.5L19 7.5",
  all: "M3 13l4 4 8-9M11 16l1.5 1L21 8",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  chat: "M4 5h16v11H11l-4 4v-4H4z",
  activity: "M4 12h4l2-6 4 12 2-6h4",
  settings:
    "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2",
  tag: "M4 4h7l9 9-7 7-9-9zM8 8h.01",
  search: "M10.5 5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM15 15l5 5",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  back: "M14 6l-6 6 6 6",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  edit: "M5 19l1-4L16 5l3 3L9 18z",
  repeat: "M7 7h9l-2-2M17 17H8l2 2M17 17a4 4 0 0 0 2-5M7 7a4 4 0 0 0-2 5",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1 1H5zM10 20h4",
  menu: "M4 7h16M4 12h16M4 17h16",
  out: "M14 5H6v14h8M11 12h9M17 9l3 3-3 3",
  sort: "M8 5v14M8 19l-3-3M8 19l3-3M16 19V5M16 5l-3 3M16 5l3 3",
  flag: "M6 21V4h11l-2 4 2 4H6",
  numbers: "M5 20V11M12 20V5M19 20v-6",
  weekend: "M5 12v5h14v-5M5 12a2 2 0 1 1 3 1v1h8v-1a2 2 0 1 1 3-1M7 10V7h10v3",
  next: "M10 6l6 6-6 6",
  select: "M4 6h4v4H4zM4 14h4v4H4zM12 8h8M12 16h8",
  waiting: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 12h.01M8.5 12h.01M15.5 12h.01",
  undo: "M9 7L5 11l4 4M5 11h9a5 5 0 0 1 0 10h-3",
  moon: "M19 14a8 8 0 0 1-9-9 8 8 0 1 0 9 9z",
  print: "M7 9V4h10v5M7 17H5v-7h14v7h-2M8 14h8v6H8z",
  notes: "M6 5h12M6 10h12M6 15h7",
} as const;

export type IconName = keyof typeof paths;
export const iconNames = Object.keys(paths) as IconName[];

export function Icon({ name, small = false }: { name: IconName; small?: boolean }) {
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      className={`shrink-0 ${small ? "size-4" : "size-mark"}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  );
}
