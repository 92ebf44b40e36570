import {
  Button,
  Checkbox,
  Group,
  Modal,
  Radio,
  Select,
  Stack,
  Text,
  Textarea,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { People } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { LANGUAGES, language, t, tn } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { done } from "@/ui/notices";
import { Problem } from "@/ui/Problem";
import { useOpenConnections } from "./connections";
import { parsePeople } from "./parse";
import { RoleChoice } from "./RoleChoice";

/** Not by a connection. */
const OWN = "";

/** One or many at once; each gets a mail. */
export function Invite({ close }: { close: () => void }) {
  const brand = useBrand();
  const me = useMe();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [roles, setRoles] = useState<string[]>([]);
  const [spoken, setSpoken] = useState<string>(language());
  const [emergency, setEmergency] = useState(false);
  const [by, setBy] = useState(OWN);
  const company = by !== OWN;
  const open = useOpenConnections();
  const people = parsePeople(text);
  const invite = useMutation({
    mutationFn: () =>
      call<People>("POST", `/${brand}/people`, {
        body: {
          people: people.map((one) =>
            company
              ? { ...one, language: spoken }
              : { ...one, roles, language: spoken, breakGlass: emergency },
          ),
          ...(company ? { connectionId: by } : {}),
        },
      }),
    onSuccess: async (made) => {
      done(
        company
          ? tn(
              "{n} invitation is on its way.",
              "{n} invitations are on their way.",
              made.items.length,
            )
          : tn(
              "{n} invitation is on its way. The link works for 7 days.",
              "{n} invitations are on their way. The links work for 7 days.",
              made.items.length,
            ),
      );
      await queries.invalidateQueries({ queryKey: ["people", brand] });
      close();
    },
    meta: { shown: true },
  });
  const problem = invite.error ? asProblem(invite.error) : null;
  const wrong = problem?.body.errors?.find((e) => e.pointer?.endsWith("/email"));
  const at = Number(/^\/people\/(\d+)\//.exec(wrong?.pointer ?? "")?.[1] ?? -1);
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={
        <Text component="span" fw={620}>
          {t("Invite people")}
        </Text>
      }
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <Stack>
          {problem && !wrong ? <Problem error={problem} /> : null}
          <Textarea
            label={t("E-mails")}
            description={t("One a line, with or without the name: Ana Lima <ana@brand.com>")}
            required
            autosize
            minRows={3}
            maxRows={10}
            value={text}
            error={wrong ? `${people[at]?.email ?? ""}: ${wrong.detail}` : null}
            onChange={(e) => setText(e.currentTarget.value)}
            data-autofocus
          />
          {open.length && me.brand.operator ? (
            <Text size="sm" c="var(--muted)">
              {t(
                "Everybody here sets up a second factor by the link of the invitation, so nobody is invited to company sign-in alone. Once they have, let the connection open their account on their page.",
              )}
            </Text>
          ) : open.length ? (
            <Radio.Group label={t("They sign in")} value={by} onChange={setBy}>
              <Stack gap={6} mt={6}>
                <Radio value={OWN} label={t("With a passkey or a password of their own")} />
                {open.map((one) => (
                  <Radio
                    key={one.id}
                    value={one.id}
                    label={t("By {name} only", { name: one.title })}
                  />
                ))}
              </Stack>
            </Radio.Group>
          ) : null}
          {company ? (
            <Text size="sm" c="var(--muted)">
              {t(
                "There is no link and nothing to set up: they use their company account, and their groups give them their roles at each sign-in.",
              )}
            </Text>
          ) : (
            <RoleChoice roles={roles} setRoles={setRoles} />
          )}
          <Select
            label={t("Language of the mail")}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            value={spoken}
            allowDeselect={false}
            onChange={(value) => setSpoken(value ?? "en")}
          />
          {me.roles.includes("owner") && !company ? (
            <Checkbox
              label={t("Emergency account")}
              description={t(
                "Gets in with its own passkey or password when the company sign-in does not work. Every use is told to all owners.",
              )}
              checked={emergency}
              onChange={(e) => setEmergency(e.currentTarget.checked)}
            />
          ) : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("Cancel")}
            </Button>
            <Button
              type="submit"
              loading={invite.isPending}
              disabled={!people.length || !(company || roles.length)}
            >
              {people.length > 1
                ? tn("Invite {n} person", "Invite {n} people", people.length)
                : t("Send the invitation")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
