/** Leads to signing in, and back afterwards. */

let leaving = false;

/** The sign-in screen with the way back; called once however many calls found it out. */
export function toSignIn(): void {
  const [, brand, screen] = location.pathname.split("/");
  if (leaving || brand === "sign-in" || screen === "sign-in") return;
  leaving = true;
  const here = location.pathname + location.search;
  location.assign(`${brand ? `/${brand}` : ""}/sign-in?next=${encodeURIComponent(here)}`);
}
