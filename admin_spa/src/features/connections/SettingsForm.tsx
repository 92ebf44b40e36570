import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  PasswordInput,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Connection } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { done } from "@/ui/notices";
import { Card } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { ProviderFields } from "./ProviderFields";
import classes from "./SettingsForm.module.css";
import { type Mapping, type Settings, toSend } from "./settings";
import { roleWords } from "./words";

interface Props {
  of: Connection;
  title: string;
  setTitle: (title: string) => void;
  settings: Settings;
  change: (part: Partial<Settings>) => void;
  dirty: boolean;
  saved: (next: Connection) => void;
  take: (next: Connection) => void;
  roles: string[];
  defaultRoles: string[];
  readOnly: boolean;
}

/** The draft: how the provider is reached, and what its word is worth here. */
export function SettingsForm(props: Props) {
  const { of: one, title, setTitle, settings, change, dirty, saved, readOnly } = props;
  const brand = useBrand();
  const me = useMe();
  const save = useMutation({
    mutationFn: () =>
      call<Connection>("PUT", `/${brand}/connections/${one.id}`, {
        body: {
          rowVersion: one.rowVersion,
          title: title.trim(),
          settings: toSend({
            ...settings,
            roles: settings.roles.filter((m) => m.group.trim()),
          }),
        },
      }),
    onSuccess: (next) => {
      saved(next);
      done(t("Saved. Make a test login with these settings."));
    },
    meta: { shown: true },
  });
  const problem = save.error ? asProblem(save.error) : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <fieldset disabled={readOnly} className={classes.plain}>
        <Stack gap="lg">
          {problem ? <Problem error={problem} /> : null}
          <Card title={t("2. The provider")}>
            <Stack>
              <TextInput
                label={t("Name on the sign-in page")}
                required
                maxLength={80}
                value={title}
                error={problem?.at("title")}
                onChange={(e) => setTitle(e.currentTarget.value)}
              />
              <ProviderFields settings={settings} change={change} problem={problem} />
              {settings.type === "oidc" ? (
                <>
                  <Secret of={one} take={props.take} />
                  <Group grow align="flex-start">
                    <TagsInput
                      label={t("Scopes")}
                      description={t("Some providers send groups only if groups is among them.")}
                      value={settings.scopes}
                      error={problem?.at("scopes")}
                      onChange={(scopes) => change({ scopes })}
                    />
                    <TagsInput
                      label={t("Signature algorithms")}
                      description={t("Those of the provider's tokens: RS256, mostly.")}
                      value={settings.algorithms}
                      error={problem?.at("algorithms")}
                      onChange={(algorithms) => change({ algorithms })}
                    />
                  </Group>
                </>
              ) : null}
            </Stack>
          </Card>
          <Card
            title={t("3. Who comes in, and as what")}
            lead={t("Groups give roles at every sign-in. Without a role nobody comes in.")}
          >
            <Stack>
              <TextInput
                label={t("Claim with the groups")}
                description={t(
                  "Groups may be names or Entra object ids. For Entra app roles the claim is roles.",
                )}
                required
                value={settings.groupsClaim}
                error={problem?.at("groupsClaim")}
                onChange={(e) => change({ groupsClaim: e.currentTarget.value.trim() })}
              />
              <Mappings
                roles={settings.roles}
                known={props.roles}
                change={(roles) => change({ roles })}
                error={problem?.at("roles")}
              />
              <NativeSelect
                label={t("Whoever is in none of these groups")}
                value={settings.defaultRole}
                error={problem?.at("defaultRole")}
                onChange={(e) => change({ defaultRole: e.currentTarget.value })}
                data={[
                  { value: "", label: t("does not come in") },
                  ...props.defaultRoles.map((role) => ({ value: role, label: roleWords(role) })),
                ]}
              />
              {me.brand.operator ? (
                <Text size="sm" c="var(--muted)">
                  {t(
                    "No account is made at the first sign-in here: every one of the platform's own staff needs a second factor, which is set up by the link of an invitation. Invite them under People, then let this connection open their account.",
                  )}
                </Text>
              ) : (
                <Checkbox
                  label={t("Make an account at the first sign-in")}
                  description={t(
                    "Without it, only accounts that were invited by this connection come in.",
                  )}
                  checked={settings.createAccounts}
                  onChange={(e) => change({ createAccounts: e.currentTarget.checked })}
                />
              )}
              <TagsInput
                label={t("Only these e-mail domains")}
                description={t("Leave it empty to let every address in.")}
                value={settings.emailDomains}
                error={problem?.at("emailDomains")}
                onChange={(emailDomains) => change({ emailDomains })}
              />
              <Group grow align="flex-start">
                <TextInput
                  label={t("Claim with the e-mail")}
                  required
                  value={settings.emailClaim}
                  error={problem?.at("emailClaim")}
                  onChange={(e) => change({ emailClaim: e.currentTarget.value.trim() })}
                />
                <TextInput
                  label={t("Claim with the name")}
                  required
                  value={settings.nameClaim}
                  error={problem?.at("nameClaim")}
                  onChange={(e) => change({ nameClaim: e.currentTarget.value.trim() })}
                />
              </Group>
            </Stack>
          </Card>
          {readOnly ? null : (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending} disabled={!dirty}>
                {t("Save the draft")}
              </Button>
            </Group>
          )}
        </Stack>
      </fieldset>
    </form>
  );
}

function Secret({ of: one, take }: { of: Connection; take: (next: Connection) => void }) {
  const brand = useBrand();
  const [value, setValue] = useState("");
  const store = useMutation({
    mutationFn: () =>
      call<Connection>("POST", `/${brand}/connections/${one.id}/secret`, { body: { value } }),
    onSuccess: (next) => {
      setValue("");
      take(next);
      done(t("The secret is stored. Make a test login with it."));
    },
    meta: { shown: true },
  });
  const problem = store.error ? asProblem(store.error) : null;
  return (
    <Stack gap="xs">
      {problem && !problem.at("secret") ? <Problem error={problem} /> : null}
      <Group align="flex-end">
        <PasswordInput
          label={one.hasSecret ? t("New client secret") : t("Client secret")}
          description={
            one.hasSecret
              ? t("One is stored and cannot be shown. A new one is used after its test login.")
              : t("Paste the secret's value, not its id. It is never shown again.")
          }
          autoComplete="off"
          value={value}
          error={problem?.at("secret")}
          onChange={(e) => setValue(e.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("Show the secret") }}
          flex={1}
          miw={200}
        />
        <Button
          variant="default"
          disabled={!value}
          loading={store.isPending}
          onClick={() => store.mutate()}
        >
          {t("Store the secret")}
        </Button>
      </Group>
    </Stack>
  );
}

function Mappings({
  roles,
  known,
  change,
  error,
}: {
  roles: Mapping[];
  known: string[];
  change: (roles: Mapping[]) => void;
  error: string | undefined;
}) {
  const set = (at: number, part: Partial<Mapping>) =>
    change(roles.map((one, i) => (i === at ? { ...one, ...part } : one)));
  return (
    <fieldset className={classes.plain}>
      <Text size="sm" fw={550} component="legend">
        {t("Groups and their roles")}
      </Text>
      {error ? (
        <Text size="sm" c="var(--danger)" role="alert">
          {error}
        </Text>
      ) : null}
      <Stack gap="xs" mt={6}>
        {roles.map((one, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
          <Group key={i} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={t("Group {n}", { n: i + 1 })}
              placeholder={t("Name or object id, exactly as sent")}
              value={one.group}
              onChange={(e) => set(i, { group: e.currentTarget.value })}
              flex={1}
            />
            <NativeSelect
              aria-label={t("Role of group {n}", { n: i + 1 })}
              value={one.role}
              onChange={(e) => set(i, { role: e.currentTarget.value })}
              data={known.map((role) => ({ value: role, label: roleWords(role) }))}
            />
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={t("Remove group {n}", { n: i + 1 })}
              onClick={() => change(roles.filter((_, at) => at !== i))}
            >
              <Trash2 size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            size="compact-md"
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => change([...roles, { group: "", role: "marketer" }])}
          >
            {t("Add a group")}
          </Button>
        </Group>
      </Stack>
    </fieldset>
  );
}
