/** Lines of a file that are not taken: where, what is wrong, and how they begin. */

import { Button, Code, Text } from "@mantine/core";
import { Download } from "lucide-react";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { type Column, DataTable } from "@/ui/DataTable";
import { Figure } from "@/ui/Values";

interface Line {
  line: number;
  column: string;
  text: string;
}

/** Words that may need two lines of a table. */
export function Wrapped({ title, children }: { title?: string; children: string }) {
  return (
    <Text size="sm" lineClamp={2} title={title} style={{ whiteSpace: "normal" }}>
      {children}
    </Text>
  );
}

export function Refused<L extends Line>({
  id,
  lines,
  total,
  words,
  more = [],
  href,
}: {
  id: string;
  lines: L[];
  /** How many there are: not all of them are told. */
  total: number;
  words: (line: L) => string;
  /** Columns between what is wrong and what is in the file. */
  more?: Column<L>[];
  /** Where all that are told can be had as a file; without it, the table makes one. */
  href?: string;
}) {
  const columns: Column<L>[] = [
    {
      key: "line",
      title: t("Line"),
      width: "90px",
      align: "end",
      value: (e) => e.line,
      render: (e) => <Figure n={e.line} />,
    },
    {
      key: "column",
      title: t("Column"),
      width: "160px",
      value: (e) => e.column,
      render: (e) => (e.column ? <Code>{e.column}</Code> : t("the whole line")),
    },
    {
      key: "reason",
      title: t("What is wrong"),
      width: "minmax(200px, 2fr)",
      phone: "title",
      value: words,
      render: (e) => <Wrapped title={words(e)}>{words(e)}</Wrapped>,
    },
    ...more,
    {
      key: "text",
      title: t("In the file"),
      width: "minmax(120px, 1fr)",
      phone: "hide",
      value: (e) => e.text,
      render: (e) => (
        <Text size="sm" truncate>
          {e.text}
        </Text>
      ),
    },
  ];
  return (
    <section aria-label={t("Lines that are not taken")}>
      <DataTable
        id={id}
        label={t("Lines that are not taken")}
        columns={columns}
        rows={lines}
        rowKey={(e) => `${e.line} ${e.column} ${words(e)}`}
        rowHeight={64}
        height="480px"
        total={total}
        {...(href ? {} : { csv: id })}
        tools={
          <>
            <Text fw={600}>{t("Lines that are not taken")}</Text>
            {total > lines.length ? (
              <Text size="sm" c="var(--muted)">
                {t("The first {n} are shown.", { n: formatNumber(lines.length) })}
              </Text>
            ) : null}
            {href ? (
              <Button
                component="a"
                size="xs"
                variant="default"
                href={href}
                leftSection={<Download size={14} aria-hidden />}
              >
                {t("As a file")}
              </Button>
            ) : null}
          </>
        }
      />
    </section>
  );
}
