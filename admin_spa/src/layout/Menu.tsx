import { useLocation } from "@tanstack/react-router";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, td } from "@/i18n";
import classes from "./Menu.module.css";
import { type MenuItem, menuFor } from "./menu";

/** The screens by job. */
export function Menu({ onGo }: { onGo: () => void }) {
  const brand = useBrand();
  const here = useLocation({ select: (l) => l.pathname.slice(`/${brand}`.length) || "/" });
  const me = useMe();
  const items = menuFor(me.may, me.brand.operator);
  const all = items.flatMap((item) => [item, ...(item.children ?? [])]);
  // The longest address that this one begins with is the current screen.
  const current = all
    .filter(({ to }) => here === to || (to !== "/" && here.startsWith(`${to}/`)))
    .sort((a, b) => b.to.length - a.to.length)[0];
  return (
    <nav aria-label={t("Screens")} className={classes.menu}>
      <ul>
        {items.map((item) => (
          <Item key={item.to} item={item} current={current} onGo={onGo} />
        ))}
      </ul>
    </nav>
  );
}

function Item({
  item,
  current,
  onGo,
}: {
  item: MenuItem;
  current: MenuItem | undefined;
  onGo: () => void;
}) {
  const Icon = item.icon;
  const inside = item.children?.some((c) => c.to === current?.to) || item.to === current?.to;
  return (
    <li>
      <Go
        to={
          item.children && item.to === "/integrations" ? (item.children[0]?.to ?? item.to) : item.to
        }
        className={classes.link}
        underline="never"
        data-inside={inside || undefined}
        aria-current={item.to === current?.to ? "page" : undefined}
        onClick={onGo}
      >
        <Icon size={18} strokeWidth={1.8} aria-hidden />
        {td(item.title)}
      </Go>
      {item.children && inside ? (
        <ul className={classes.below}>
          {item.children.map((child) => (
            <li key={child.to}>
              <Go
                to={child.to}
                className={classes.link}
                underline="never"
                aria-current={child.to === current?.to ? "page" : undefined}
                onClick={onGo}
              >
                {td(child.title)}
              </Go>
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}
