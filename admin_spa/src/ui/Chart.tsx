import { Skeleton, Table, Text, UnstyledButton } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { t } from "@/i18n";
import classes from "./Chart.module.css";

export interface ChartTable {
  head: string[];
  rows: (string | number)[][];
}

/**
 * A drawing with words: `summary` says in a sentence what it shows, `table` holds its numbers for
 * those who cannot see it. The drawing code is loaded when the first one is shown.
 *
 * Colours come from `useChartColours()`; tooltips must be `renderMode: "richText"` (the default
 * here), since markup with inline styles is refused by the content security policy.
 */
export function Chart({
  option,
  summary,
  table,
  height = 240,
  onPick,
}: {
  option: EChartsCoreOption;
  summary: ReactNode;
  table?: ChartTable;
  height?: number;
  /** The name of the point that was clicked. */
  onPick?: (name: string, series: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<{ set: (option: EChartsCoreOption) => void; end: () => void } | null>(null);
  const latest = useRef(option);
  const picked = useRef(onPick);
  const [ready, setReady] = useState(false);
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  latest.current = option;
  picked.current = onPick;

  useEffect(() => {
    let gone = false;
    void import("./chartEngine").then(({ draw }) => {
      if (gone || !box.current) return;
      drawn.current = draw(box.current, latest.current, (n, s) => picked.current?.(n, s));
      setReady(true);
    });
    return () => {
      gone = true;
      drawn.current?.end();
      drawn.current = null;
    };
  }, []);
  useEffect(() => drawn.current?.set(option), [option]);

  return (
    <figure className={classes.figure}>
      <div className={classes.stage} style={{ height }} hidden={asTable}>
        {ready ? null : <Skeleton height={height} radius="sm" />}
        <div ref={box} role="img" aria-labelledby={id} className={classes.canvas} />
      </div>
      {asTable && table ? (
        <section
          className={classes.table}
          style={{ maxHeight: Math.max(height, 160) }}
          aria-labelledby={id}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
          tabIndex={0}
        >
          <Table withRowBorders className="figures">
            <Table.Thead>
              <Table.Tr>
                {table.head.map((h) => (
                  <Table.Th key={h}>{h}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {table.rows.map((row) => (
                <Table.Tr key={row.join("|")}>
                  {row.map((cell, i) => (
                    <Table.Td key={table.head[i]}>{cell}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      ) : null}
      <figcaption className={classes.caption}>
        <Text size="sm" c="var(--muted)" component="span" id={id}>
          {summary}
        </Text>
        {table ? (
          <UnstyledButton
            className={classes.toggle}
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? t("Show the drawing") : t("Show the numbers")}
          </UnstyledButton>
        ) : null}
      </figcaption>
    </figure>
  );
}
