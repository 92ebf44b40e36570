import { ActionIcon, Button, Kbd } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { Search } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { t } from "@/i18n";

const Palette = lazy(() => import("./Palette"));

/** Search and commands: Ctrl-K anywhere. Its code is loaded at first use. */
export function PaletteButton() {
  const [used, setUsed] = useState(false);
  const [opened, setOpened] = useState(false);
  const open = () => {
    setUsed(true);
    setOpened(true);
  };
  useHotkeys([["mod+K", open]], ["INPUT", "TEXTAREA", "SELECT"], true);
  return (
    <>
      <Button
        visibleFrom="sm"
        variant="default"
        size="sm"
        leftSection={<Search size={16} aria-hidden />}
        rightSection={<Kbd size="xs">{navigator.platform.startsWith("Mac") ? "⌘K" : "Ctrl K"}</Kbd>}
        onClick={open}
        c="var(--muted)"
        fw={450}
      >
        {t("Search")}
      </Button>
      <ActionIcon
        hiddenFrom="sm"
        size={40}
        variant="default"
        onClick={open}
        aria-label={t("Search")}
      >
        <Search size={19} />
      </ActionIcon>
      {used ? (
        <Suspense>
          <Palette opened={opened} close={() => setOpened(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
