import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Check, Minus } from "lucide-react";
import type { Roles as RolesRead } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { t, td } from "@/i18n";
import { call } from "@/lib/http";
import { Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { ROLE_TITLES } from "@/ui/people";
import { Scroller } from "@/ui/Scroller";
import { SidePanel } from "@/ui/SidePanel";
import { AREAS, PERMISSIONS } from "./words";

/** Which role may do what. */
export function Roles() {
  const brand = useBrand();
  const found = useQuery({
    queryKey: ["roles", brand],
    queryFn: () => call<RolesRead>("GET", `/${brand}/people/roles`),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <SidePanel title={t("What roles may do")} closeTo="/people" size={1080}>
      {found.error ? (
        <Problem error={found.error} />
      ) : found.data ? (
        <Grid of={found.data} />
      ) : (
        <Waiting />
      )}
    </SidePanel>
  );
}

function Grid({ of }: { of: RolesRead }) {
  const known = new Set(PERMISSIONS.map(([key]) => key));
  const rows: [string, string][] = [
    ...PERMISSIONS,
    ...Object.entries(of.permissions).filter(([key]) => !known.has(key)),
  ];
  return (
    <Scroller label={t("What roles may do")} minWidth={920}>
      <Table verticalSpacing={6} stickyHeader highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("May")}</Table.Th>
            {of.roles.map((role) => (
              <Table.Th key={role.key} ta="center">
                {td(ROLE_TITLES[role.key] ?? role.title)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([key, words]) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" fw={450}>
                {td(words)}
              </Table.Th>
              {of.roles.map((role) => (
                <Table.Td key={role.key} ta="center">
                  <Mark yes={role.permissions.includes(key)} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Th scope="row">{t("Proposes changes in")}</Table.Th>
            {of.roles.map((role) => (
              <Table.Td key={role.key} ta="center">
                <Text size="xs" component="span">
                  {role.areas.length === of.areas.length
                    ? t("All areas")
                    : role.areas.map((area) => td(AREAS[area] ?? area)).join(", ") || "–"}
                </Text>
              </Table.Td>
            ))}
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Scroller>
  );
}

function Mark({ yes }: { yes: boolean }) {
  return yes ? (
    <Check size={18} role="img" aria-label={t("Yes")} color="var(--positive)" />
  ) : (
    <Minus size={18} role="img" aria-label={t("No")} color="var(--muted)" opacity={0.5} />
  );
}
