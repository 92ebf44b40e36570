/** Addresses inside a brand's console: screens say `/orders/42`, the brand is put before it. */

import { Anchor, type AnchorProps } from "@mantine/core";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { forwardRef, type MouseEvent, type ReactNode, useCallback } from "react";
import { useBrand } from "./me";

export type Search = Record<string, string | number | boolean | string[] | undefined | null>;

/** `href("/orders", {state: "open"})` is the whole address. */
export function useHref(): (to: string, search?: Search) => string {
  const brand = useBrand();
  return useCallback((to, search) => address(brand, to, search), [brand]);
}

function address(brand: string, to: string, search: Search = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === "" || value === false) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return `/${brand}${to === "/" ? "" : to}${query.size ? `?${query}` : ""}`;
}

/** `go("/orders/42")` leads there; `{replace: true}` leaves no step in the history. */
export function useGo(): (
  to: string,
  options?: { search?: Search; replace?: boolean },
) => Promise<void> {
  const brand = useBrand();
  const router = useRouter();
  return useCallback(
    async (to, options) => {
      const href = address(brand, to, options?.search);
      if (options?.replace) router.history.replace(href);
      else router.history.push(href);
    },
    [brand, router],
  );
}

interface GoProps extends AnchorProps {
  to: string;
  search?: Search;
  children: ReactNode;
  "aria-current"?: "page" | undefined;
  onClick?: (event: MouseEvent) => void;
}

/** A link inside the console. */
export const Go = forwardRef<HTMLAnchorElement, GoProps>(function Go(
  { to, search, onClick, ...rest },
  ref,
) {
  const href = useHref()(to, search);
  const go = useGo();
  return (
    <Anchor
      ref={ref}
      href={href}
      onClick={(event: MouseEvent) => {
        onClick?.(event);
        if (isPlain(event)) {
          event.preventDefault();
          void go(to, { ...(search ? { search } : {}) });
        }
      }}
      {...rest}
    />
  );
});

/** Whether a click is a plain one, which stays in this window. */
export function isPlain(event: MouseEvent): boolean {
  return (
    !event.defaultPrevented &&
    event.button === 0 &&
    !event.metaKey &&
    !event.ctrlKey &&
    !event.shiftKey &&
    !event.altKey
  );
}

/**
 * What a screen shows, kept in the address so that it can be linked to and gone back from:
 * `const [view, setView] = useUrlState({q: "", page: 1})`. Values equal to their default are left
 * out of the address. `setView({q: "x"})` replaces the present step; `true` as second argument
 * adds one.
 */
export function useUrlState<T extends Record<string, string | number | boolean>>(
  defaults: T,
): [T, (change: Partial<T>, step?: boolean) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const state = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof T & string)[]) {
    const told = search[key];
    if (told === undefined) continue;
    const kind = typeof defaults[key];
    const value =
      kind === "number"
        ? Number(told)
        : kind === "boolean"
          ? String(told) === "true"
          : String(told);
    if (kind !== "number" || Number.isFinite(value)) state[key] = value as T[keyof T & string];
  }
  // Defaults are written in place and never change while a screen is shown.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const set = useCallback(
    (change: Partial<T>, step = false) => {
      void navigate({
        to: ".",
        replace: !step,
        search: ((before: Record<string, unknown>) => {
          const after: Record<string, unknown> = { ...before };
          for (const [key, value] of Object.entries(change)) {
            if (value === defaults[key] || value === undefined) delete after[key];
            else after[key] = value;
          }
          return after;
        }) as never,
      });
    },
    [navigate],
  );
  return [state, set];
}
