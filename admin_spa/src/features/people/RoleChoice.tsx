import { Checkbox, Stack } from "@mantine/core";
import { useMe } from "@/app/me";
import { t, td } from "@/i18n";
import { ROLE_TITLES } from "@/ui/people";
import { ROLE_LEADS } from "./words";

/** Roles to tick. Owners alone make owners. */
export function RoleChoice({
  roles,
  setRoles,
  error,
  disabled,
}: {
  roles: string[];
  setRoles: (roles: string[]) => void;
  error?: string | undefined;
  disabled?: boolean;
}) {
  const owner = useMe().roles.includes("owner");
  return (
    <Checkbox.Group label={t("Roles")} value={roles} onChange={setRoles} error={error} required>
      <Stack gap={10} mt="xs">
        {Object.entries(ROLE_TITLES).map(([key, title]) => (
          <Checkbox
            key={key}
            value={key}
            label={td(title)}
            description={td(ROLE_LEADS[key] ?? "")}
            disabled={disabled || (key === "owner" && !owner)}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
