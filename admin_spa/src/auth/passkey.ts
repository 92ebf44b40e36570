/** What the browser does with a passkey: JSON of the server in, JSON for the server out. */

import { t } from "@/i18n";

/** Whether this browser can keep or show a passkey. */
export function hasPasskeys(): boolean {
  return (
    typeof PublicKeyCredential !== "undefined" &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function"
  );
}

/** The person closed the browser's dialog, or the device does not have the passkey. */
export class PasskeyDismissed extends Error {}

async function asked(work: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const found = await work();
    if (found instanceof PublicKeyCredential) return found.toJSON();
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "InvalidStateError") {
      throw new PasskeyDismissed(t("This device already holds a passkey of yours."));
    }
    if (!(thrown instanceof DOMException)) throw thrown;
  }
  throw new PasskeyDismissed(t("No passkey was used. Try again, or choose another way."));
}

/** Ask for a passkey. */
export function showPasskey(options: object): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as PublicKeyCredentialRequestOptionsJSON,
  );
  return asked(() => navigator.credentials.get({ publicKey }));
}

/** Make a passkey. */
export function makePasskey(options: object): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as PublicKeyCredentialCreationOptionsJSON,
  );
  return asked(() => navigator.credentials.create({ publicKey }));
}

/** What to call a passkey made here; its owner can tell devices apart by it. */
export function deviceName(): string {
  const agent = navigator.userAgent;
  const device =
    [
      ["iPhone", /iPhone/],
      ["iPad", /iPad/],
      ["Android", /Android/],
      ["Mac", /Macintosh/],
      ["Windows", /Windows/],
      ["Linux", /Linux/],
    ].find(([, pattern]) => (pattern as RegExp).test(agent))?.[0] ?? t("Passkey");
  return String(device);
}
