import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { useState } from "react";
import { useBrand, useMe } from "@/app/me";
import { useChangeSetNews } from "@/basket/news";
import { type ChangeSet, EDITABLE } from "@/basket/types";
import { useBasket } from "@/basket/useBasket";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { Problem } from "@/ui/Problem";

/** What can be done to a set as a whole before it is decided: other words, going on with it. */
export function Title({ set }: { set: ChangeSet }) {
  const me = useMe();
  const basket = useBasket();
  const [opened, setOpened] = useState(false);
  if (!EDITABLE.has(set.state) || !me.may("parameters:propose")) return null;
  return (
    <>
      {basket.id === set.id ? null : (
        <Button variant="default" onClick={() => basket.choose(set.id)}>
          {t("Go on with this set")}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<Pencil size={16} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        {t("Title and note")}
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t("Title and note")}
        closeButtonProps={{ "aria-label": t("Close") }}
      >
        <Words key={set.rowVersion} set={set} close={() => setOpened(false)} />
      </Modal>
    </>
  );
}

function Words({ set, close }: { set: ChangeSet; close: () => void }) {
  const brand = useBrand();
  const news = useChangeSetNews();
  const [title, setTitle] = useState(set.title);
  const [note, setNote] = useState(set.note);
  const save = useMutation({
    mutationFn: () =>
      call<ChangeSet>("PATCH", `/${brand}/change-sets/${set.id}`, {
        body: { rowVersion: set.rowVersion, title: title.trim(), note },
      }),
    onSuccess: (fresh) => {
      news(fresh);
      close();
    },
    meta: { shown: true },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack>
        <TextInput
          label={t("Title")}
          value={title}
          maxLength={120}
          required
          data-autofocus
          onChange={(e) => setTitle(e.currentTarget.value)}
        />
        <Textarea
          label={t("Note for whoever reviews it")}
          description={t("Why, for whom, and what you expect of it.")}
          value={note}
          maxLength={2000}
          autosize
          minRows={3}
          onChange={(e) => setNote(e.currentTarget.value)}
        />
        {save.error ? <Problem error={save.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={!title.trim()}>
            {t("Save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
