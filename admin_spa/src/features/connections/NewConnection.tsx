import { Button, Group, Radio, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Connection } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { ProviderFields } from "./ProviderFields";
import { type Choice, type Settings, startFrom, toSend } from "./settings";

/** The first step: which provider, and how it is reached. */
export function NewConnection() {
  const brand = useBrand();
  const go = useGo();
  const [choice, setChoice] = useState<Choice>("entra");
  const [title, setTitle] = useState("");
  const [settings, setSettings] = useState<Settings>(() => startFrom("entra"));
  const create = useMutation({
    mutationFn: () =>
      call<Connection>("POST", `/${brand}/connections`, {
        body: { title: title.trim(), settings: toSend(settings) },
      }),
    onSuccess: (made) => go(`/integrations/connections/${made.id}`, { replace: true }),
    meta: { shown: true },
  });
  const problem = create.error ? asProblem(create.error) : null;
  const named = ["title", "issuer", "clientId", "entityId", "signOnUrl", "certificates"];
  const choose = (next: string) => {
    setChoice(next as Choice);
    setSettings(startFrom(next as Choice));
  };
  return (
    <Guarded permission="connections:manage" title={t("Add a connection")}>
      <Page
        title={t("Add a connection")}
        lead={t("It stays a draft until a test login has worked. Nobody signs in by it before.")}
        crumbs={[{ title: t("Single sign-on"), to: "/integrations/connections" }]}
        width="column"
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack gap="lg">
            <Card title={t("Which provider?")}>
              <Radio.Group
                value={choice}
                onChange={choose}
                aria-label={t("Which provider?")}
                name="provider"
              >
                <Stack gap="sm">
                  <Radio
                    value="entra"
                    label="Microsoft Entra ID"
                    description={t("Formerly Azure AD, by OpenID Connect.")}
                  />
                  <Radio
                    value="adfs"
                    label="AD FS"
                    description={t("Active Directory Federation Services 2016 or newer.")}
                  />
                  <Radio
                    value="oidc"
                    label={t("Another OpenID Connect provider")}
                    description="Okta, Keycloak, Google Workspace, Ping, …"
                  />
                  <Radio
                    value="saml"
                    label="SAML 2.0"
                    description={t("Where the provider offers no OpenID Connect.")}
                  />
                </Stack>
              </Radio.Group>
            </Card>
            <Card title={t("How it is reached")}>
              <Stack>
                {problem && !named.some((field) => problem.at(field)) ? (
                  <Problem error={problem} />
                ) : null}
                <TextInput
                  label={t("Name on the sign-in page")}
                  description={t("People see “Continue with …”.")}
                  required
                  maxLength={80}
                  value={title}
                  error={problem?.at("title")}
                  onChange={(e) => setTitle(e.currentTarget.value)}
                />
                <ProviderFields
                  key={choice}
                  settings={settings}
                  change={(part) => setSettings((s) => ({ ...s, ...part }))}
                  problem={problem}
                />
              </Stack>
            </Card>
            <Group justify="flex-end">
              <Button type="submit" loading={create.isPending}>
                {t("Save the draft and go on")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Page>
    </Guarded>
  );
}
