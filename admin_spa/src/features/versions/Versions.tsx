import { Button, Group } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useState } from "react";
import type { VersionHead } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { personName } from "@/basket/labels";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { When } from "@/ui/Values";
import { VersionState } from "./VersionState";

interface Listed {
  items: VersionHead[];
  nextCursor: string | null;
}

function columns(): Column<VersionHead>[] {
  return [
    {
      key: "version",
      title: t("Version"),
      width: "96px",
      align: "end",
      render: (v) => v.version,
      value: (v) => v.version,
    },
    {
      key: "title",
      title: t("What it was about"),
      width: "minmax(200px, 2fr)",
      phone: "title",
      render: (v) => v.title || t("(no title)"),
      value: (v) => v.title,
    },
    {
      key: "state",
      title: t("State"),
      width: "minmax(130px, 1fr)",
      render: (v) => <VersionState version={v} />,
    },
    {
      key: "effectiveAt",
      title: t("In force from"),
      width: "minmax(160px, 1fr)",
      render: (v) => (v.effectiveAt ? <When at={v.effectiveAt} /> : t("For some members only")),
      value: (v) => (v.effectiveAt ? formatDateTime(v.effectiveAt) : t("For some members only")),
    },
    {
      key: "author",
      title: t("By"),
      render: (v) => personName(v.author),
      value: (v) => personName(v.author),
    },
    {
      key: "publishedBy",
      title: t("Published by"),
      render: (v) => (v.publishedBy ? personName(v.publishedBy) : ""),
      value: (v) => (v.publishedBy ? personName(v.publishedBy) : ""),
    },
    {
      key: "hash",
      title: t("Content hash"),
      optional: true,
      render: (v) => <code>{v.contentHash.slice(0, 12)}</code>,
      value: (v) => v.contentHash,
    },
  ];
}

/** Every version there was; two of them can be compared, any of them brought back. */
export function Versions() {
  return (
    <Guarded permission="parameters:read" title={t("Versions")}>
      <List />
    </Guarded>
  );
}

function List() {
  const brand = useBrand();
  const go = useGo();
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const found = useInfiniteQuery({
    queryKey: ["versions", brand],
    queryFn: ({ pageParam }) =>
      call<Listed>("GET", `/${brand}/versions`, { query: { cursor: pageParam, limit: 50 } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  const rows = found.data?.pages.flatMap((p) => p.items) ?? [];
  const pair = [...chosen].map(Number).sort((a, b) => a - b);
  return (
    <Page
      title={t("Versions")}
      lead={t("Each publication is a version that never changes. Any of them can be brought back.")}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
    >
      <DataTable
        id="versions"
        label={t("Versions")}
        columns={columns()}
        rows={rows}
        rowKey={(v) => String(v.version)}
        to={(v) => `/versions/${v.version}`}
        panel={false}
        selected={chosen}
        onSelect={setChosen}
        loading={found.isPending}
        csv="versions"
        more={{
          has: found.hasNextPage,
          loading: found.isFetchingNextPage,
          load: () => void found.fetchNextPage(),
        }}
        tools={
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              leftSection={<GitCompareArrows size={16} aria-hidden />}
              disabled={pair.length !== 2}
              onClick={() => void go(`/versions/${pair[1]}`, { search: { against: pair[0] } })}
            >
              {pair.length === 2
                ? t("Compare {one} with {two}", { one: pair[0] ?? 0, two: pair[1] ?? 0 })
                : t("Choose two to compare")}
            </Button>
          </Group>
        }
        empty={<EmptyState title={t("Nothing was published yet")} />}
      />
    </Page>
  );
}
