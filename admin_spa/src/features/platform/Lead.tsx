import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { TenantSheet } from "@/api/types.gen";
import { t } from "@/i18n";
import { callPlatform } from "@/lib/http";
import { done } from "@/ui/notices";
import { Problem } from "@/ui/Problem";
import { wayWords } from "./words";

/** Leads a tenant to another state, with the reason that its people read. */
export function Lead({
  tenant,
  way,
  close,
}: {
  tenant: TenantSheet;
  way: TenantSheet["ways"][number];
  close: () => void;
}) {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const act = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      callPlatform<TenantSheet>("POST", `/tenants/${tenant.slug}/state`, {
        body: { state: way.target, reason },
      }),
    onSuccess: async () => {
      done(t("{name} was led to another state.", { name: tenant.name }));
      await queries.invalidateQueries({ queryKey: ["platform"] });
      close();
    },
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t("{act}: {name}", { act: wayWords(way.target), name: tenant.name })}
      closeButtonProps={{ "aria-label": t("Close") }}
      zIndex={300}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate();
        }}
      >
        <Stack>
          <Text size="sm">
            {t("It takes effect within a second. It stands in the brand's trail and in ours.")}
          </Text>
          <Textarea
            label={t("Reason")}
            description={t("The brand's people read it.")}
            required={way.reason}
            maxLength={500}
            autosize
            minRows={2}
            data-autofocus
            value={reason}
            onChange={(e) => setReason(e.currentTarget.value)}
          />
          {act.error ? <Problem error={act.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("Cancel")}
            </Button>
            <Button type="submit" loading={act.isPending}>
              {wayWords(way.target)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
