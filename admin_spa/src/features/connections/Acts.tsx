import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Connection } from "@/api/types.gen";
import { useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { t, tn } from "@/i18n";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { done, showProblem } from "@/ui/notices";
import { Card } from "@/ui/Page";
import { Problem } from "@/ui/Problem";

/** Putting a connection into force, and taking it back. */
export function Acts({
  of: one,
  dirty,
  take,
}: {
  of: Connection;
  dirty: boolean;
  take: (next: Connection) => void;
}) {
  const brand = useBrand();
  const confirm = useConfirm();
  const go = useGo();
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (what: string) =>
      call<Connection>("POST", `/${brand}/connections/${one.id}/${what}`),
    onSuccess: take,
    meta: { shown: true },
  });
  const open = one.state === "enabled" || one.state === "enforced";
  const fresh = !open || one.pending;

  const enable = async () => {
    const yes = await confirm({
      title: open
        ? t("Use the new settings of “{name}”?", { name: one.title })
        : t("Let people sign in by “{name}”?", { name: one.title }),
      consequence: t(
        "It appears on the sign-in page at once. Passkeys and passwords work beside it until you make it the only way in.",
      ),
      act: open ? t("Use the new settings") : t("Put it into use"),
    });
    if (yes)
      act.mutate("enable", {
        onSuccess: () => done(t("“{name}” is in use.", { name: one.title })),
      });
  };
  const enforce = async () => {
    const yes = await confirm({
      title: t("Make corporate sign-in the only way in?"),
      consequence: t(
        "Passkeys and passwords stop working for everybody but the emergency account. Whoever is not at the provider cannot sign in any more.",
      ),
      act: t("Make it the only way in"),
      danger: true,
    });
    if (yes) act.mutate("enforce");
  };
  const disable = async () => {
    const yes = await confirm({
      title: t("Stop signing in by “{name}”?", { name: one.title }),
      consequence: tn(
        "{n} person signs in by it. Sessions that it opened end now.",
        "{n} people sign in by it. Sessions that it opened end now.",
        one.people,
      ),
      act: t("Stop it"),
      danger: true,
    });
    if (yes) act.mutate("disable");
  };
  const remove = async () => {
    const yes = await confirm({
      title: t("Delete “{name}”?", { name: one.title }),
      consequence: t(
        "Its addresses stop working for good, its secret is deleted, and accounts are no longer linked to it. This cannot be undone.",
      ),
      act: t("Delete it"),
      danger: true,
    });
    if (!yes) return;
    try {
      await call("DELETE", `/${brand}/connections/${one.id}`);
      void client.invalidateQueries({ queryKey: ["connections", brand] });
      await go("/integrations/connections");
    } catch (thrown) {
      showProblem(thrown);
    }
  };

  return (
    <Card title={t("5. Put it into use")}>
      <Stack>
        {act.error ? <Problem error={act.error} /> : null}
        {fresh && !one.tested ? (
          <Text size="sm">{t("Make a test login with these settings first.")}</Text>
        ) : null}
        <Group>
          {fresh ? (
            <Button
              disabled={!one.tested || dirty}
              loading={act.isPending}
              onClick={() => void enable()}
            >
              {open ? t("Use the new settings") : t("Put it into use")}
            </Button>
          ) : null}
          {one.state === "enabled" && !one.pending ? (
            <Button variant="default" loading={act.isPending} onClick={() => void enforce()}>
              {t("Make it the only way in")}
            </Button>
          ) : null}
          {one.state === "enforced" ? (
            <Button variant="default" loading={act.isPending} onClick={() => act.mutate("relax")}>
              {t("Allow passkeys and passwords again")}
            </Button>
          ) : null}
          {open ? (
            <Button
              variant="subtle"
              color="red"
              loading={act.isPending}
              onClick={() => void disable()}
            >
              {t("Stop signing in by it")}
            </Button>
          ) : (
            <Button variant="subtle" color="red" onClick={() => void remove()}>
              {t("Delete it")}
            </Button>
          )}
        </Group>
        {one.state === "enabled" ? (
          <Text size="sm" c="var(--muted)">
            {t(
              "Making it the only way in asks for an emergency account, and for a test login of somebody who is owner or administrator by their groups.",
            )}
          </Text>
        ) : null}
      </Stack>
    </Card>
  );
}
