import { ActionIcon, Button, Checkbox, Group, Menu, Text, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, Columns3, Download } from "lucide-react";
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useGo } from "@/app/links";
import { t, tn } from "@/i18n";
import { saveCsv } from "./csv";
import classes from "./DataTable.module.css";
import { Waiting } from "./Page";

export interface Column<R> {
  key: string;
  title: string;
  render: (row: R) => ReactNode;
  /** The plain value, for CSV; left out, the column is not exported. */
  value?: (row: R) => string | number | null | undefined;
  align?: "start" | "end";
  /** A CSS grid track: "2fr", "120px"; default "minmax(96px, 1fr)". */
  width?: string;
  /** Not shown until chosen. */
  optional?: boolean;
  /** The server can sort by this column. */
  sortable?: boolean;
  /** On a phone: "title" heads the card, "hide" leaves it out; others are lines. */
  phone?: "title" | "line" | "hide";
}

export interface DataTableProps<R> {
  /** Names the table where the chosen columns are kept. */
  id: string;
  label: string;
  columns: Column<R>[];
  rows: R[];
  rowKey: (row: R) => string;
  /** Where a row leads (brand-relative); Enter and click open it. */
  to?: (row: R) => string;
  /** Whether a row opens beside the list (the default), so that the list's filters stay. */
  panel?: boolean;
  onOpen?: (row: R) => void;
  /** Chosen rows, for actions on many. */
  selected?: ReadonlySet<string>;
  onSelect?: (keys: Set<string>) => void;
  /** The row that is open beside the list. */
  current?: string | undefined;
  sort?: { by: string; down: boolean };
  onSort?: (by: string, down: boolean) => void;
  /** More rows at the server: called when the end comes near. */
  more?: { has: boolean; loading: boolean; load: () => void };
  loading?: boolean;
  empty?: ReactNode;
  /** Filters and buttons at the left of the tool line. */
  tools?: ReactNode;
  /** A file's name: the rows shown can be saved as CSV. */
  csv?: string;
  /** Names what is shown (filters, order): when it changes, the list starts at its top. */
  view?: string;
  /** The rows are still those of the view before. */
  stale?: boolean;
  /** How many there are in all, where the server knows. */
  total?: number | undefined;
  rowHeight?: number;
  /** The scroller's height; the default fills the window. */
  height?: string;
}

const NEAR_END = 12;

/** A table of any length: only what is visible is drawn; arrow keys and j/k move, Enter opens, space chooses. */
export function DataTable<R>(props: DataTableProps<R>) {
  const { id, label, columns, rows, rowKey, to, onOpen, selected, onSelect, more } = props;
  const phone = useMediaQuery("(max-width: 640px)") ?? false;
  const go = useGo();
  const [chosen, choose] = useChosenColumns(id, columns);
  const shown = useMemo(() => columns.filter((c) => chosen.has(c.key)), [columns, chosen]);
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const rowHeight = props.rowHeight ?? 44;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? 88 : rowHeight),
    overscan: 4,
    getItemKey: (i) => {
      const row = rows[i];
      return row === undefined ? i : rowKey(row);
    },
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (more?.has && !more.loading && last >= rows.length - NEAR_END) more.load();
  }, [more, last, rows.length]);
  // A phone's rows have another height: what was measured is void.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the width's class decides
  useEffect(() => virtual.measure(), [phone]);
  // Another view starts at its top: at once, and again when its rows have come.
  const rewind = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the view decides
  useEffect(() => {
    rewind.current = true;
  }, [props.view]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the view and its rows decide
  useEffect(() => {
    if (!rewind.current) return;
    if (!props.stale) rewind.current = false;
    virtual.scrollToOffset(0);
    setActive(0);
  }, [props.view, rows, props.stale]);

  // A row far away is drawn only after the scroll: it takes the focus when it is there.
  const focusing = useRef<number | null>(null);
  useEffect(() => {
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${focusing.current}"]`);
    if (!row) return;
    focusing.current = null;
    row.focus({ preventScroll: true });
  });

  const open = (row: R) => {
    if (onOpen) onOpen(row);
    else if (to) void go(to(row) + (props.panel === false ? "" : location.search));
  };
  const openable = Boolean(onOpen ?? to);
  const toggle = (key: string) => {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect?.(next);
  };
  const move = (to_: number) => {
    const at = Math.max(0, Math.min(rows.length - 1, to_));
    setActive(at);
    focusing.current = at;
    virtual.scrollToIndex(at);
  };
  const onKey = (event: KeyboardEvent, row: R, index: number) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: index + 1,
      j: index + 1,
      ArrowUp: index - 1,
      k: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: rows.length - 1,
    };
    const target = steps[event.key];
    if (target !== undefined) {
      event.preventDefault();
      move(target);
    } else if (event.key === "Enter" && openable) {
      event.preventDefault();
      open(row);
    } else if (event.key === " " && onSelect) {
      event.preventDefault();
      toggle(rowKey(row));
    }
  };

  // Rows keep what they were given, so that only those that change are drawn again.
  const latest = useRef({ open, toggle, onKey, setActive });
  latest.current = { open, toggle, onKey, setActive };
  const acts = useMemo<Acts<R>>(
    () => ({
      open: (row) => latest.current.open(row),
      toggle: (key) => latest.current.toggle(key),
      onKey: (event, row, index) => latest.current.onKey(event, row, index),
      setActive: (index) => latest.current.setActive(index),
    }),
    [],
  );

  const tracks = [
    ...(onSelect ? ["40px"] : []),
    ...shown.map((c) => c.width ?? "minmax(96px, 1fr)"),
  ].join(" ");
  const optional = columns.some((c) => c.optional) || columns.length > 4;
  const all =
    rows.length > 0 && selected !== undefined && rows.every((r) => selected.has(rowKey(r)));
  const count = props.total ?? rows.length;
  return (
    <div className={classes.outer}>
      <div className={classes.tools}>
        <Group gap="xs" className={classes.left}>
          {props.tools}
        </Group>
        <Group gap={4} wrap="nowrap" className={classes.right}>
          <Text
            size="sm"
            c="var(--muted)"
            className={`figures ${classes.count}`}
            aria-live="polite"
          >
            {props.total === undefined && more?.has
              ? tn("{n} row and more", "{n} rows and more", rows.length)
              : tn("{n} row", "{n} rows", count)}
          </Text>
          {optional && !phone ? (
            <Menu closeOnItemClick={false} position="bottom-end">
              <Menu.Target>
                <Tooltip label={t("Columns")}>
                  <ActionIcon variant="subtle" color="gray" aria-label={t("Columns")}>
                    <Columns3 size={18} />
                  </ActionIcon>
                </Tooltip>
              </Menu.Target>
              <Menu.Dropdown>
                {columns.map((c) => (
                  <Menu.Item key={c.key} component="label">
                    <Checkbox
                      size="xs"
                      label={c.title}
                      checked={chosen.has(c.key)}
                      disabled={chosen.has(c.key) && chosen.size === 1}
                      onChange={() => choose(c.key)}
                    />
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          ) : null}
          {props.csv ? (
            <Tooltip label={t("Save as CSV")}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("Save as CSV")}
                disabled={!rows.length}
                onClick={() => saveCsv(props.csv ?? id, shown, rows)}
              >
                <Download size={18} />
              </ActionIcon>
            </Tooltip>
          ) : null}
        </Group>
      </div>
      {props.loading ? (
        <div key="waiting" className={classes.blank}>
          <Waiting lines={8} />
        </div>
      ) : rows.length === 0 ? (
        <div key="empty" className={classes.blank}>
          {props.empty}
        </div>
      ) : (
        <div
          key="rows"
          ref={scroller}
          className={classes.scroller}
          style={{ maxHeight: props.height ?? "max(320px, calc(100dvh - 260px))" }}
          role="grid"
          aria-label={label}
          aria-rowcount={more?.has ? -1 : rows.length + 1}
          aria-multiselectable={onSelect ? true : undefined}
          data-phone={phone || undefined}
          tabIndex={-1}
        >
          <div
            role="row"
            aria-rowindex={1}
            className={classes.head}
            style={{ gridTemplateColumns: tracks }}
          >
            {onSelect ? (
              <div role="columnheader" className={classes.cell}>
                <Checkbox
                  size="xs"
                  aria-label={t("Choose all rows shown")}
                  checked={all}
                  indeterminate={!all && (selected?.size ?? 0) > 0}
                  onChange={() => onSelect(all ? new Set() : new Set(rows.map(rowKey)))}
                />
              </div>
            ) : null}
            {shown.map((c) => (
              <Head key={c.key} column={c} {...props} />
            ))}
          </div>
          <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              const key = rowKey(row);
              return (
                <Row
                  key={key}
                  row={row}
                  id={key}
                  index={item.index}
                  start={item.start}
                  size={item.size}
                  tracks={tracks}
                  columns={shown}
                  phone={phone}
                  measure={phone ? virtual.measureElement : undefined}
                  chosen={onSelect ? (selected?.has(key) ?? false) : undefined}
                  current={props.current === key}
                  openable={openable}
                  active={item.index === active}
                  acts={acts}
                />
              );
            })}
          </div>
        </div>
      )}
      {more?.has ? (
        <Group justify="center" p="xs">
          <Button variant="subtle" size="compact-sm" loading={more.loading} onClick={more.load}>
            {t("Show more")}
          </Button>
        </Group>
      ) : null}
    </div>
  );
}

interface Acts<R> {
  open: (row: R) => void;
  toggle: (key: string) => void;
  onKey: (event: KeyboardEvent, row: R, index: number) => void;
  setActive: (index: number) => void;
}

interface RowProps<R> {
  row: R;
  id: string;
  index: number;
  start: number;
  size: number;
  tracks: string;
  columns: Column<R>[];
  phone: boolean;
  measure: ((node: HTMLElement | null) => void) | undefined;
  /** Absent where rows cannot be chosen. */
  chosen: boolean | undefined;
  current: boolean;
  openable: boolean;
  active: boolean;
  acts: Acts<R>;
}

const Row = memo(function Row<R>(props: RowProps<R>) {
  const { row, index, columns, phone, chosen, openable, acts } = props;
  return (
    <div
      ref={props.measure}
      data-index={index}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      data-current={props.current || undefined}
      data-openable={openable || undefined}
      tabIndex={props.active ? 0 : -1}
      className={classes.row}
      style={{
        transform: `translateY(${props.start}px)`,
        ...(phone ? {} : { height: props.size, gridTemplateColumns: props.tracks }),
      }}
      onFocus={() => acts.setActive(index)}
      onKeyDown={(e) => acts.onKey(e, row, index)}
      onClick={(e) => {
        const own = (e.target as HTMLElement).closest("a,button,input,label,[data-own]");
        if (openable && !own) acts.open(row);
      }}
    >
      {chosen !== undefined ? (
        <div role="gridcell" className={classes.check}>
          <input
            type="checkbox"
            className={classes.box}
            tabIndex={-1}
            aria-label={t("Choose this row")}
            checked={chosen}
            onChange={() => acts.toggle(props.id)}
          />
        </div>
      ) : null}
      {columns.map((c) =>
        phone && c.phone === "hide" ? null : (
          <div
            key={c.key}
            role="gridcell"
            className={classes.cell}
            data-align={c.align}
            data-title={c.phone === "title" || undefined}
          >
            {phone && c.phone !== "title" ? <span className={classes.label}>{c.title}</span> : null}
            <span className={classes.content}>{c.render(row)}</span>
          </div>
        ),
      )}
    </div>
  );
}) as <R>(props: RowProps<R>) => ReactNode;

function Head<R>({
  column,
  sort,
  onSort,
}: { column: Column<R> } & Pick<DataTableProps<R>, "sort" | "onSort">) {
  const sorted = sort?.by === column.key ? sort : null;
  const Arrow = sorted?.down ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      className={classes.cell}
      data-align={column.align}
      aria-sort={sorted ? (sorted.down ? "descending" : "ascending") : undefined}
    >
      {column.sortable && onSort ? (
        <button
          type="button"
          className={classes.sort}
          onClick={() => onSort(column.key, sorted ? !sorted.down : false)}
        >
          {column.title}
          {sorted ? <Arrow size={14} aria-hidden /> : null}
        </button>
      ) : (
        column.title
      )}
    </div>
  );
}

function useChosenColumns<R>(
  id: string,
  columns: Column<R>[],
): [Set<string>, (key: string) => void] {
  const kept = `console.columns.${id}`;
  const [chosen, setChosen] = useState<Set<string>>(() => {
    const told = localStorage
      .getItem(kept)
      ?.split(",")
      .filter((k) => columns.some((c) => c.key === k));
    return new Set(told?.length ? told : columns.filter((c) => !c.optional).map((c) => c.key));
  });
  return [
    chosen,
    (key) => {
      const next = new Set(chosen);
      if (!next.delete(key)) next.add(key);
      if (!next.size) return;
      localStorage.setItem(kept, [...next].join(","));
      setChosen(next);
    },
  ];
}
