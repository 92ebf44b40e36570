import {
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  Radio,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import type { ApiKey, ApiKeys, IssuedApiKey } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand, useMe } from "@/app/me";
import { t, td, tn } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { useConfirm } from "@/ui/Confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { done, showProblem } from "@/ui/notices";
import { Page, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State, When } from "@/ui/Values";
import { ShownOnce } from "./ShownOnce";

const OVERLAP_H = 24;

/** Keys of the brand's systems. */
export function Keys() {
  return (
    <Guarded permission="keys:read" title={t("API keys")}>
      <Page title={t("API keys")} lead={t("What your own systems call us with.")}>
        <KeyList />
      </Page>
    </Guarded>
  );
}

function KeyList() {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const confirm = useConfirm();
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<IssuedApiKey | null>(null);
  const keys = useQuery({
    queryKey: ["api-keys", brand],
    queryFn: () => call<ApiKeys>("GET", `/${brand}/api-keys`),
  });
  const refresh = () => client.invalidateQueries({ queryKey: ["api-keys", brand] });
  const manage = me.may("keys:manage");

  const revoke = async (key: ApiKey) => {
    const yes = await confirm({
      title: t("Revoke the key “{name}”?", { name: key.name }),
      consequence: t(
        "Systems that use it are refused within a second. This cannot be undone; make a new key instead.",
      ),
      act: t("Revoke the key"),
      danger: true,
    });
    if (!yes) return;
    try {
      await call("POST", `/${brand}/api-keys/${key.id}/revoke`);
      done(t("The key “{name}” is revoked.", { name: key.name }));
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  const replace = async (key: ApiKey) => {
    const yes = await confirm({
      title: t("Replace the key “{name}”?", { name: key.name }),
      consequence: tn(
        "You get a new secret with the same rights. The present one works for {n} hour more.",
        "You get a new secret with the same rights. The present one works for {n} hours more.",
        OVERLAP_H,
      ),
      act: t("Replace the key"),
    });
    if (!yes) return;
    try {
      setShown(
        await call<IssuedApiKey>("POST", `/${brand}/api-keys/${key.id}/rotate`, {
          body: { overlapHours: OVERLAP_H },
        }),
      );
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };

  const columns: Column<ApiKey>[] = [
    {
      key: "name",
      title: t("Name"),
      width: "minmax(140px, 2fr)",
      phone: "title",
      render: (k) => <span translate="no">{k.name}</span>,
      value: (k) => k.name,
    },
    {
      key: "secret",
      title: t("Ends in"),
      width: "100px",
      render: (k) => <code>…{k.hint}</code>,
      value: (k) => k.hint,
    },
    {
      key: "state",
      title: t("State"),
      width: "150px",
      render: (k) => <KeyState of={k} />,
      value: (k) => stateOf(k),
    },
    {
      key: "rights",
      title: t("May"),
      width: "minmax(140px, 2fr)",
      render: (k) => (
        <Text size="sm" truncate title={k.scopes.join(", ")}>
          {k.scopes.join(", ")}
        </Text>
      ),
      value: (k) => k.scopes.join(" "),
    },
    {
      key: "made",
      title: t("Made"),
      width: "120px",
      render: (k) => <When at={k.createdAt} dateOnly />,
      value: (k) => k.createdAt,
    },
    {
      key: "expires",
      title: t("Expires"),
      width: "120px",
      render: (k) => <When at={k.expiresAt} dateOnly />,
      value: (k) => k.expiresAt,
    },
    ...(manage
      ? [
          {
            key: "act",
            title: t("Actions"),
            width: "220px",
            render: (k: ApiKey) =>
              stateOf(k) === "works" ? (
                <Group gap={4} wrap="nowrap">
                  <Button size="compact-sm" variant="default" onClick={() => void replace(k)}>
                    {t("Replace")}
                  </Button>
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    color="red"
                    onClick={() => void revoke(k)}
                  >
                    {t("Revoke")}
                  </Button>
                </Group>
              ) : null,
          },
        ]
      : []),
  ];

  if (keys.error) return <Problem error={keys.error} retry={() => void keys.refetch()} />;
  if (!keys.data) return <Waiting />;
  const make = manage ? (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      {t("Make a key")}
    </Button>
  ) : undefined;
  return (
    <>
      <DataTable
        id="api-keys"
        label={t("API keys")}
        columns={columns}
        rows={keys.data.items}
        rowKey={(k) => k.id}
        csv="api-keys"
        tools={make}
        height="auto"
        empty={
          <EmptyState title={t("No system calls us yet")} icon={KeyRound} action={make}>
            {t("A key lets your shop, app or till send purchases and read balances.")}
          </EmptyState>
        }
      />
      {making ? (
        <MakeKey
          scopes={keys.data.scopes}
          close={() => setMaking(false)}
          made={(issued) => {
            setMaking(false);
            setShown(issued);
            void refresh();
          }}
        />
      ) : null}
      {shown?.secret ? (
        <ShownOnce
          title={t("The secret of “{name}”", { name: shown.key.name })}
          secret={shown.secret}
          close={() => setShown(null)}
        />
      ) : null}
    </>
  );
}

function stateOf(key: ApiKey): "works" | "revoked" | "expired" {
  if (key.revokedAt) return "revoked";
  return key.expiresAt && new Date(key.expiresAt) <= new Date() ? "expired" : "works";
}

function KeyState({ of: key }: { of: ApiKey }) {
  const state = stateOf(key);
  if (state === "revoked") return <State tone="danger">{t("Revoked")}</State>;
  if (state === "expired") return <State tone="warning">{t("Expired")}</State>;
  return <State tone="positive">{key.mode === "test" ? t("Works (test)") : t("Works")}</State>;
}

function MakeKey({
  scopes,
  close,
  made,
}: {
  scopes: Record<string, string>;
  close: () => void;
  made: (issued: IssuedApiKey) => void;
}) {
  const brand = useBrand();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [mode, setMode] = useState("live");
  const [days, setDays] = useState<string | number>("");
  const create = useMutation({
    mutationFn: () =>
      call<IssuedApiKey>("POST", `/${brand}/api-keys`, {
        body: { name: name.trim(), scopes: chosen, mode, days: days === "" ? null : Number(days) },
      }),
    onSuccess: made,
  });
  const problem = create.error ? asProblem(create.error) : null;
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={
        <Text component="span" fw={620}>
          {t("Make a key")}
        </Text>
      }
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack>
          {problem && !problem.at("name") && !problem.at("scopes") ? (
            <Problem error={problem} />
          ) : null}
          <TextInput
            label={t("Name")}
            description={t("Which system will use it.")}
            required
            maxLength={100}
            value={name}
            error={problem?.at("name")}
            onChange={(e) => setName(e.currentTarget.value)}
            data-autofocus
          />
          <Checkbox.Group
            label={t("What it may do")}
            description={t("Give what the system needs and no more.")}
            required
            value={chosen}
            error={problem?.at("scopes")}
            onChange={setChosen}
          >
            <Stack gap={8} mt="xs">
              {Object.entries(scopes).map(([scope, words]) => (
                <Checkbox key={scope} value={scope} label={td(words)} description={scope} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Radio.Group label={t("Used for")} value={mode} onChange={setMode}>
            <Group mt="xs">
              <Radio value="live" label={t("Real business")} />
              <Radio value="test" label={t("Tests")} />
            </Group>
          </Radio.Group>
          <NumberInput
            label={t("Expires after")}
            description={t("Leave it empty for a key that does not expire.")}
            suffix={` ${t("days")}`}
            min={1}
            max={3650}
            allowDecimal={false}
            value={days}
            onChange={setDays}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("Cancel")}
            </Button>
            <Button
              type="submit"
              loading={create.isPending}
              disabled={!name.trim() || !chosen.length}
            >
              {t("Make the key")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
