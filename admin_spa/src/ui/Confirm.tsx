import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { t } from "@/i18n";

export interface Question {
  /** The act as a question: "Publish version 12?" */
  title: string;
  /** What will be different afterwards, in numbers where there are any. */
  consequence: ReactNode;
  /** The label of the button: the act itself, never "OK". */
  act: string;
  danger?: boolean;
}

type Ask = (question: Question) => Promise<boolean>;
const Context = createContext<Ask | null>(null);

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const [opened, setOpened] = useState(false);
  const settle = useRef<(yes: boolean) => void>(() => {});
  const ask = useCallback<Ask>((next) => {
    setQuestion(next);
    setOpened(true);
    return new Promise((resolve) => {
      settle.current = resolve;
    });
  }, []);
  const close = (yes: boolean) => {
    setOpened(false);
    settle.current(yes);
  };
  return (
    <Context value={ask}>
      {children}
      <Modal
        opened={opened}
        onClose={() => close(false)}
        title={
          <Text component="span" fw={620}>
            {question?.title}
          </Text>
        }
        closeButtonProps={{ "aria-label": t("Close") }}
        // Above the panel or dialog that asks.
        zIndex={300}
      >
        <Stack>
          <div>{question?.consequence}</div>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => close(false)} data-autofocus>
              {t("Cancel")}
            </Button>
            <Button {...(question?.danger ? { color: "red" } : {})} onClick={() => close(true)}>
              {question?.act}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Context>
  );
}

/** `if (await confirm({...}))`: asks with the consequence before something that matters. */
export function useConfirm(): Ask {
  const ask = useContext(Context);
  if (!ask) throw new Error("no ConfirmProvider");
  return ask;
}
