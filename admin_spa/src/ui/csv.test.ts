import { expect, it } from "vitest";
import { toCsv } from "./csv";

it("quotes what needs it and disarms formulas", () => {
  const columns = [
    { key: "a", title: "Name", render: () => null, value: (r: { a: string; n: number }) => r.a },
    { key: "b", title: "Only shown", render: () => null },
    { key: "n", title: "Points", render: () => null, value: (r: { a: string; n: number }) => r.n },
  ];
  const rows = [
    { a: 'Ana "A", Lima', n: -5 },
    { a: "=HYPERLINK(1)", n: 7 },
  ];
  expect(toCsv(columns, rows)).toBe('Name,Points\r\n"Ana ""A"", Lima",-5\r\n\'=HYPERLINK(1),7\r\n');
});
