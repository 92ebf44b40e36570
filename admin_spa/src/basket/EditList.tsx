import { ActionIcon, Tooltip } from "@mantine/core";
import { ArrowRight, CircleAlert, TriangleAlert, Undo2 } from "lucide-react";
import { Go } from "@/app/links";
import { t } from "@/i18n";
import classes from "./EditList.module.css";
import { fieldAddress, RiskBadge, sectionName, shownValue } from "./labels";
import type { Edit, Finding } from "./types";

/** Edits in words, by section, each with its before and after. */
export function EditList({
  edits,
  findings = [],
  onRevert,
  links = true,
  onGo,
}: {
  edits: readonly Edit[];
  findings?: readonly Finding[];
  onRevert?: (path: string) => void;
  links?: boolean;
  onGo?: () => void;
}) {
  const sections = new Map<string, Edit[]>();
  for (const edit of edits) {
    const name = sectionName(edit.path);
    sections.set(name, [...(sections.get(name) ?? []), edit]);
  }
  return (
    <div className={classes.sections}>
      {[...sections].map(([name, own]) => (
        <section key={name} aria-label={name}>
          <h3 className={classes.section}>
            {links && own[0] ? (
              <Go
                to={fieldAddress(own[0].path.split(".")[0] ?? "")}
                {...(onGo ? { onClick: onGo } : {})}
              >
                {name}
              </Go>
            ) : (
              name
            )}
          </h3>
          <ul className={classes.edits}>
            {own.map((edit) => (
              <li key={edit.path} className={classes.edit}>
                <div className={classes.words}>
                  {links ? (
                    <Go
                      to={fieldAddress(edit.path)}
                      c="var(--text)"
                      fz="inherit"
                      {...(onGo ? { onClick: onGo } : {})}
                    >
                      {edit.words}
                    </Go>
                  ) : (
                    <span>{edit.words}</span>
                  )}
                  {saysBoth(edit) ? null : (
                    <span className={classes.values}>
                      <span className={classes.before}>
                        <span className="visually-hidden">{t("before:")} </span>
                        {shownValue(edit.before)}
                      </span>
                      <ArrowRight size={14} aria-hidden />
                      <span className={classes.after}>
                        <span className="visually-hidden">{t("after:")} </span>
                        {shownValue(edit.after)}
                      </span>
                    </span>
                  )}
                  {findings
                    .filter((f) => f.path === edit.path)
                    .map((f) => (
                      <FindingLine key={f.code} finding={f} />
                    ))}
                </div>
                {edit.risk === "low" ? null : <RiskBadge risk={edit.risk} />}
                {onRevert ? (
                  <Tooltip label={t("Take this change out")}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t("Take this change out: {words}", { words: edit.words })}
                      onClick={() => onRevert(edit.path)}
                    >
                      <Undo2 size={16} />
                    </ActionIcon>
                  </Tooltip>
                ) : null}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** Whether the sentence has both values in it already. */
function saysBoth(edit: Edit): boolean {
  const plain = (v: unknown) => typeof v === "string" || typeof v === "number";
  if (!plain(edit.before) || !plain(edit.after) || String(edit.after).startsWith("#")) return false;
  return edit.words.includes("→");
}

/** What a rule says: an error stops publishing, a warning does not. */
export function FindingLine({ finding, place }: { finding: Finding; place?: boolean }) {
  const wrong = finding.severity === "error";
  const Icon = wrong ? CircleAlert : TriangleAlert;
  return (
    <span className={wrong ? classes.error : classes.warning}>
      <Icon size={15} aria-hidden />
      <span>
        <b>{wrong ? t("Stops publishing:") : t("Note:")}</b> {finding.message}
        {place ? (
          <>
            {" "}
            <Go to={fieldAddress(finding.path)} fz="inherit">
              {sectionName(finding.path)}
            </Go>
          </>
        ) : null}
      </span>
    </span>
  );
}
