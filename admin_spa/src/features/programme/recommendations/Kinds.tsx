import { Collapse, UnstyledButton } from "@mantine/core";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { t } from "@/i18n";
import { Findings } from "../form/Findings";
import { Fields } from "../form/Node";
import { useForm } from "../form/section";
import classes from "./recommendations.module.css";
import type { Moving } from "./useShares";
import { Toggle, Weight } from "./Weight";

const KINDS = "recommendations.kinds";

export function KindRows({ onMove }: { onMove: (moving: Moving | null) => void }) {
  const form = useForm();
  const kinds = form.schema.properties?.kinds?.properties ?? {};
  const open = form.mayPropose(form.schema.properties?.kinds?.["x-area"]);
  const [shown, show] = useState<string | null>(null);
  return (
    <div className={classes.kinds}>
      {Object.entries(kinds).map(([key, node]) => {
        const at = `${KINDS}.${key}`;
        const enabled = form.at(`${at}.enabled`) === true;
        const name = node.title ?? key;
        return (
          <section key={key} className={classes.kind} aria-label={name}>
            <div className={classes.kindRow}>
              <Toggle path={`${at}.enabled`} name={name} label={name} disabled={!open} />
              <Weight
                path={`${at}.weight`}
                name={name}
                disabled={!open || !enabled}
                onDrag={onMove}
              />
              <UnstyledButton
                aria-expanded={shown === key}
                aria-label={t("More of {name}", { name })}
                onClick={() => show(shown === key ? null : key)}
              >
                {shown === key ? <ChevronDown size={18} /> : <ChevronRight size={18} />}
              </UnstyledButton>
            </div>
            <Findings path={at} />
            <Collapse expanded={shown === key}>
              {shown === key ? (
                <div className={classes.more}>
                  <Fields node={node} path={at} except={["enabled", "weight"]} />
                </div>
              ) : null}
            </Collapse>
          </section>
        );
      })}
    </div>
  );
}

/** A kind as people call it. */
export function useKindName(): (kind: string) => string {
  const kinds = useForm().schema.properties?.kinds?.properties ?? {};
  return (kind) => kinds[kind]?.title ?? kind;
}
