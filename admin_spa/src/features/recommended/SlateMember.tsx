/** For whom a slate is tried: somebody who is drawn, or a member whom one looks up. */

import { Button, Group, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Shuffle } from "lucide-react";
import { useState } from "react";
import type { MemberPage } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";

const PAUSE_MS = 250;

export function SlateMember({
  member,
  drawn,
  onMember,
  onDraw,
}: {
  member: string;
  drawn: boolean;
  onMember: (id: string) => void;
  onDraw: () => void;
}) {
  const brand = useBrand();
  const me = useMe();
  const [typed, setTyped] = useState("");
  const [words] = useDebouncedValue(typed, PAUSE_MS);
  const found = useQuery({
    queryKey: ["slate-members", brand, words],
    queryFn: () => call<MemberPage>("GET", `/${brand}/members`, { query: { q: words, limit: 20 } }),
    enabled: me.may("members:read"),
    placeholderData: (before) => before,
  });
  return (
    <Group gap="xs" align="flex-end">
      {me.may("members:read") ? (
        <Select
          size="sm"
          w={280}
          label={t("Member")}
          placeholder={t("Name, e-mail or number")}
          searchable
          clearable
          filter={({ options }) => options}
          nothingFoundMessage={t("Nobody is called so.")}
          data={(found.data?.items ?? []).map((one) => ({
            value: one.id,
            label: `${one.name ?? "–"} · ${one.number ?? ""}`,
          }))}
          value={member || null}
          onChange={(id) => onMember(id ?? "")}
          onSearchChange={setTyped}
        />
      ) : null}
      {me.may("simulation:run") ? (
        <Button
          size="sm"
          variant={drawn ? "light" : "default"}
          leftSection={<Shuffle size={16} aria-hidden />}
          onClick={onDraw}
        >
          {drawn ? t("Draw another member") : t("Draw a member")}
        </Button>
      ) : null}
    </Group>
  );
}
