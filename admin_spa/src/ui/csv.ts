import type { Column } from "./DataTable";

/** One cell; a text that a spreadsheet would run as a formula is made harmless. */
function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  const text =
    typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV text, one line of titles first. */
export function toCsv<R>(columns: Column<R>[], rows: R[]): string {
  const told = columns.filter((c) => c.value);
  const lines = [told.map((c) => cell(c.title))];
  for (const row of rows) lines.push(told.map((c) => cell(c.value?.(row))));
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** Hand a text to the person as a file. */
export function saveFile(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function saveCsv<R>(name: string, columns: Column<R>[], rows: R[]): void {
  // The mark tells spreadsheets that this is UTF-8.
  saveFile(`${name}.csv`, `\ufeff${toCsv(columns, rows)}`, "text/csv;charset=utf-8");
}
