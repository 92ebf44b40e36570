import { ActionIcon, Button, Group, Menu, Modal, Stack, TextInput } from "@mantine/core";
import { Bookmark, BookmarkPlus, X } from "lucide-react";
import { useState } from "react";
import { useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";

export interface View {
  title: string;
  search: Record<string, string>;
}

const MOST = 20;

/** Ready-made and own views of a list; a view is an address, so that it can be sent to others. */
export function Views({ id, to, ready }: { id: string; to: string; ready: View[] }) {
  const kept = `console.views.${useBrand()}.${id}`;
  const go = useGo();
  const [own, setOwn] = useState<View[]>(() => JSON.parse(localStorage.getItem(kept) ?? "[]"));
  const [name, setName] = useState("");
  const [naming, setNaming] = useState(false);
  const keep = (views: View[]) => {
    localStorage.setItem(kept, JSON.stringify(views));
    setOwn(views);
  };
  const save = () => {
    const title = name.trim();
    if (!title) return;
    const search = Object.fromEntries(new URLSearchParams(location.search));
    keep([...own.filter((v) => v.title !== title), { title, search }].slice(-MOST));
    setName("");
    setNaming(false);
  };
  return (
    <Group gap={4}>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" size="sm" leftSection={<Bookmark size={16} aria-hidden />}>
            {t("Views")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {ready.map((view) => (
            <Menu.Item key={view.title} onClick={() => void go(to, { search: view.search })}>
              {view.title}
            </Menu.Item>
          ))}
          {own.length ? <Menu.Divider /> : null}
          {own.map((view) => (
            <Group key={view.title} gap={0} wrap="nowrap">
              <Menu.Item onClick={() => void go(to, { search: view.search })}>
                {view.title}
              </Menu.Item>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={t("Forget the view {name}", { name: view.title })}
                onClick={() => keep(own.filter((v) => v.title !== view.title))}
              >
                <X size={14} />
              </ActionIcon>
            </Group>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<BookmarkPlus size={16} aria-hidden />}
            onClick={() => setNaming(true)}
          >
            {t("Save this view")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={naming}
        onClose={() => setNaming(false)}
        title={t("Save this view")}
        closeButtonProps={{ "aria-label": t("Close") }}
        size="sm"
      >
        <form
          onSubmit={(e) => {
            e.preventDefault();
            save();
          }}
        >
          <Stack>
            <TextInput
              label={t("Name of the view")}
              value={name}
              maxLength={40}
              onChange={(e) => setName(e.currentTarget.value)}
              data-autofocus
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={!name.trim()}>
                {t("Save")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </Group>
  );
}
