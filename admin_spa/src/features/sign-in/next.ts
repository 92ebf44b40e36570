/** Where to go after signing in: back to the screen that asked for it, never to another site. */

import { useSearch } from "@tanstack/react-router";

const OWN_PATH = /^\/(?![/\\])[^\s\\]*$/;

/** The way back in the address, if it leads into this console. */
export function useNext(): string {
  const { next } = useSearch({ strict: false }) as { next?: unknown };
  return typeof next === "string" && OWN_PATH.test(next) ? next : "";
}

/** The brand of a path. */
export function brandOf(path: string): string {
  const slug = path.split("/")[1]?.split(/[?#]/)[0] ?? "";
  return /^[a-z0-9](-?[a-z0-9])+$/.test(slug) && slug !== "sign-in" ? slug : "";
}

/** Go on into the console: a new page, so that nothing of before signing in is left. */
export function goIn(brand: string, next: string): void {
  const back = brandOf(next) === brand && !next.startsWith(`/${brand}/sign-in`);
  location.assign(back ? next : `/${brand}`);
}
