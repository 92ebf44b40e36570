import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Check, ExternalLink, LogOut, Monitor, Moon, Sun, UserRound } from "lucide-react";
import { useEffect } from "react";
import type { PreferencesIn, SignedOut } from "@/api/types.gen";
import { useLanguage } from "@/app/language";
import { useGo } from "@/app/links";
import { meOptions, useBrand, useMe } from "@/app/me";
import { schemeIsKept } from "@/app/scheme";
import { LANGUAGES, type Language, t } from "@/i18n";
import { call } from "@/lib/http";
import { showProblem } from "@/ui/notices";

/** The person: language, colours, own sign-in, signing out. */
export function UserMenu() {
  const me = useMe();
  const brand = useBrand();
  const go = useGo();
  const queries = useQueryClient();
  const { language, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { appearance } = me;
  useEffect(() => {
    // What was chosen in this browser goes first; elsewhere the person's own choice is met again.
    if (appearance !== "system" && !schemeIsKept()) setColorScheme(appearance);
  }, [appearance, setColorScheme]);
  const keep = async (chosen: PreferencesIn) => {
    try {
      await call("PATCH", `/${brand}/me/preferences`, { body: chosen });
    } catch (failed) {
      showProblem(failed);
    }
  };
  const schemes = [
    { value: "auto", label: t("As the device"), icon: Monitor },
    { value: "light", label: t("Light"), icon: Sun },
    { value: "dark", label: t("Dark"), icon: Moon },
  ] as const;
  const signOut = async () => {
    try {
      const left = await call<SignedOut>("POST", `/${brand}/sign-out`, { body: {} });
      queries.clear();
      location.assign(left.providerUrl ?? `/${brand}/sign-in?left=1`);
    } catch (failed) {
      showProblem(failed);
    }
  };
  const speak = async (next: Language) => {
    await choose(next);
    await keep({ language: next });
    await queries.invalidateQueries({ queryKey: meOptions(brand).queryKey });
    // What the server words (diffs, findings, titles) comes anew in this language.
    await queries.invalidateQueries();
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={t("Your menu: {name}", { name: me.name })}>
          <Avatar size={36} radius="xl" name={me.name} color="guerdon" aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--text)" truncate>
            {me.name}
          </Text>
          <Text size="xs" truncate>
            {me.email}
          </Text>
        </Menu.Label>
        <Menu.Item leftSection={<UserRound size={16} />} onClick={() => void go("/account")}>
          {t("Your sign-in and sessions")}
        </Menu.Item>
        <Menu.Item
          leftSection={<ExternalLink size={16} />}
          component="a"
          href={me.brand.siteUrl}
          target="_blank"
          rel="noreferrer"
        >
          {t("Open the member site")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("Language")}</Menu.Label>
        {(Object.entries(LANGUAGES) as [Language, string][]).map(([code, name]) => (
          <Menu.Item
            key={code}
            lang={code}
            closeMenuOnClick={false}
            aria-current={code === language || undefined}
            rightSection={code === language ? <Check size={16} aria-hidden /> : null}
            onClick={() => void speak(code)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("Colours")}</Menu.Label>
        {schemes.map(({ value, label, icon: Icon }) => (
          <Menu.Item
            key={value}
            closeMenuOnClick={false}
            aria-current={value === colorScheme || undefined}
            leftSection={<Icon size={16} aria-hidden />}
            rightSection={value === colorScheme ? <Check size={16} aria-hidden /> : null}
            onClick={() => {
              setColorScheme(value);
              void keep({ appearance: value === "auto" ? "system" : value });
            }}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} />} onClick={() => void signOut()}>
          {t("Sign out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
