import { Alert, Anchor, Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ProviderInspection } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { t, tn } from "@/i18n";
import { call } from "@/lib/http";
import type { ProblemError } from "@/lib/problem";
import type { Settings } from "./settings";
import { remarkWords } from "./words";

interface Props {
  settings: Settings;
  change: (part: Partial<Settings>) => void;
  problem: ProblemError | null;
}

/** How the provider is reached, and what it says of itself when it is asked. */
export function ProviderFields(props: Props) {
  return props.settings.type === "saml" ? <SamlFields {...props} /> : <OidcFields {...props} />;
}

const ISSUER: Record<string, string> = {
  entra: "https://login.microsoftonline.com/<directory id>/v2.0",
  adfs: "https://adfs.brand.example/adfs",
  other: "https://id.brand.example",
};

function OidcFields({ settings, change, problem }: Props) {
  return (
    <Stack>
      <TextInput
        label={t("Issuer")}
        description={t("Exactly as the provider states it, letter by letter.")}
        placeholder={ISSUER[settings.preset] ?? ""}
        required
        maxLength={1024}
        value={settings.issuer}
        error={problem?.at("issuer")}
        onChange={(e) => change({ issuer: e.currentTarget.value.trim() })}
      />
      <Inspect issuer={settings.issuer} />
      <TextInput
        label={t("Client id")}
        description={
          settings.preset === "entra"
            ? t("“Application (client) ID” on the overview of your app registration.")
            : t("The provider shows it for the application that you register there.")
        }
        required
        maxLength={200}
        value={settings.clientId}
        error={problem?.at("clientId")}
        onChange={(e) => change({ clientId: e.currentTarget.value.trim() })}
      />
    </Stack>
  );
}

function Inspect({ issuer }: { issuer: string }) {
  const brand = useBrand();
  const look = useMutation({
    mutationFn: () =>
      call<ProviderInspection>("GET", `/${brand}/connections/inspection`, { query: { issuer } }),
  });
  const found = look.data?.issuer === issuer ? look.data : null;
  return (
    <Stack gap="xs">
      <Group>
        <Button
          size="compact-md"
          variant="default"
          disabled={!issuer}
          loading={look.isPending}
          onClick={() => look.mutate()}
        >
          {t("Ask the provider")}
        </Button>
      </Group>
      {found ? (
        <Alert
          color={found.usable ? "green" : "red"}
          variant="light"
          role="status"
          title={found.usable ? t("The provider answers.") : t("It cannot be used like this.")}
        >
          {found.usable ? (
            <Text size="sm">
              {tn("{n} public key", "{n} public keys", found.keys)}
              {found.algorithms.length ? ` · ${found.algorithms.join(", ")}` : ""}
            </Text>
          ) : null}
          {found.remarks.map((one) => (
            <Text size="sm" key={one.code}>
              {remarkWords(one.code, one.found, one.message)}
            </Text>
          ))}
        </Alert>
      ) : null}
    </Stack>
  );
}

/** What a SAML provider's metadata says. */
function readMetadata(text: string): Partial<Settings> | null {
  const xml = new DOMParser().parseFromString(text, "application/xml");
  const spaces = "urn:oasis:names:tc:SAML:2.0:metadata";
  const entity = xml.getElementsByTagNameNS(spaces, "EntityDescriptor")[0];
  const provider = xml.getElementsByTagNameNS(spaces, "IDPSSODescriptor")[0];
  if (!entity || !provider) return null;
  const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
  const at = (name: string) =>
    [...provider.getElementsByTagNameNS(spaces, name)]
      .find((one) => one.getAttribute("Binding") === redirect)
      ?.getAttribute("Location") ?? "";
  const certificates = [...provider.getElementsByTagNameNS(spaces, "KeyDescriptor")]
    .filter((one) => one.getAttribute("use") !== "encryption")
    .flatMap((one) => [
      ...one.getElementsByTagNameNS("http://www.w3.org/2000/09/xmldsig#", "X509Certificate"),
    ])
    .map((one) => (one.textContent ?? "").replace(/\s+/g, ""));
  return {
    entityId: entity.getAttribute("entityID") ?? "",
    signOnUrl: at("SingleSignOnService"),
    certificates: [...new Set(certificates)].slice(0, 5),
  };
}

function SamlFields({ settings, change, problem }: Props) {
  const [metadata, setMetadata] = useState("");
  const [bad, setBad] = useState(false);
  const [byHand, setByHand] = useState(Boolean(settings.entityId));
  const take = (text: string) => {
    setMetadata(text);
    const read = text.trim() ? readMetadata(text) : null;
    setBad(Boolean(text.trim()) && !read);
    if (read) {
      change(read);
      setByHand(true);
    }
  };
  return (
    <Stack>
      <Textarea
        label={t("Metadata of the provider")}
        description={t("Paste the XML; the fields below are filled in from it.")}
        autosize
        minRows={3}
        maxRows={8}
        value={metadata}
        error={bad ? t("This is not the metadata of an identity provider.") : null}
        onChange={(e) => take(e.currentTarget.value)}
      />
      {byHand ? (
        <>
          <TextInput
            label={t("Entity id")}
            required
            maxLength={1024}
            value={settings.entityId}
            error={problem?.at("entityId")}
            onChange={(e) => change({ entityId: e.currentTarget.value.trim() })}
          />
          <TextInput
            label={t("Sign-on address")}
            description={t("Single sign-on service, HTTP redirect binding.")}
            required
            maxLength={1024}
            value={settings.signOnUrl}
            error={problem?.at("signOnUrl")}
            onChange={(e) => change({ signOnUrl: e.currentTarget.value.trim() })}
          />
          <Textarea
            label={t("Signing certificates")}
            description={t("One a line, without BEGIN and END.")}
            required
            autosize
            minRows={2}
            maxRows={8}
            value={settings.certificates.join("\n")}
            error={problem?.at("certificates")}
            onChange={(e) =>
              change({ certificates: e.currentTarget.value.split(/\n+/).filter(Boolean) })
            }
          />
        </>
      ) : (
        <Anchor component="button" type="button" size="sm" onClick={() => setByHand(true)}>
          {t("Enter the values by hand")}
        </Anchor>
      )}
    </Stack>
  );
}
