/** Leads to signing in, and back afterwards. */

let leaving = false;

/** The sign-in screen with the way back; called once however many calls found it out. */
export function toSignIn(): void {
  if (leaving || location.pathname.endsWith("/sign-in")) return;
  leaving = true;
  const here = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}
