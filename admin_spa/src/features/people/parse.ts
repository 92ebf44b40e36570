/** Names and e-mails as people paste them: `Ana Lima <ana@brand.com>`, one a line or with commas. */
export function parsePeople(text: string): { name: string; email: string }[] {
  // A comma or semicolon inside quotes belongs to a name.
  const parts = text.match(/(?:"[^"]*"|[^\n,;"])+/g) ?? [];
  return parts
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const named = /^(.*?)\s*<([^>]+)>$/.exec(part);
      return named
        ? { name: (named[1] ?? "").replace(/^"|"$/g, ""), email: (named[2] ?? "").trim() }
        : { name: "", email: part };
    });
}
