import { Stack, Text, ThemeIcon } from "@mantine/core";
import type { LucideIcon } from "lucide-react";
import { Inbox } from "lucide-react";
import type { ReactNode } from "react";

/** Nothing here: why, and the first step. */
export function EmptyState({
  title,
  children,
  action,
  icon: Icon = Inbox,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  icon?: LucideIcon;
}) {
  return (
    <Stack align="center" gap="xs" py={48} px="md">
      <ThemeIcon size={48} radius="xl" variant="light" aria-hidden>
        <Icon size={24} strokeWidth={1.6} />
      </ThemeIcon>
      <Text fw={600} ta="center">
        {title}
      </Text>
      {children ? (
        <Text size="sm" c="var(--muted)" ta="center" maw={440} component="div">
          {children}
        </Text>
      ) : null}
      {action}
    </Stack>
  );
}
