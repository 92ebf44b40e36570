/** What states, roles and refusals say to people. */

import { mark, t, td } from "@/i18n";
import type { Tone } from "@/ui/Values";

const STATES: Record<string, [string, Tone]> = {
  draft: [mark("Draft"), "neutral"],
  tested: [mark("Tested"), "info"],
  enabled: [mark("In use"), "positive"],
  enforced: [mark("Only way in"), "accent"],
};

export function stateWords(state: string): [string, Tone] {
  const [text, tone] = STATES[state] ?? [state, "neutral" as Tone];
  return [td(text), tone];
}

const ROLES: Record<string, string> = {
  owner: mark("Owner"),
  administrator: mark("Administrator"),
  marketer: mark("Marketer"),
  approver: mark("Approver"),
  catalogue_manager: mark("Catalogue manager"),
  cashier: mark("Cashier"),
  support_agent: mark("Support agent"),
  analyst: mark("Analyst"),
  developer: mark("Developer"),
};

export function roleWords(role: string): string {
  return td(ROLES[role] ?? role);
}

/** Why a test login did not work, and what to do at the provider or here. */
export function reasonWords(reason: string, detail: string): string {
  switch (reason) {
    case "no_role":
      return t(
        "The provider did its part, but none of this person's groups is mapped to a role, so they would not come in. Map one of the groups below.",
      );
    case "groups_overage":
      return t(
        "This person is in more groups than fit into a token, so the provider left them out. In Entra ID choose “Groups assigned to the application” for the groups claim, or use app roles and the claim roles.",
      );
    case "too_many_groups":
      return t("The provider sends too many groups. Let it send those of this application only.");
    case "email_domain":
      return t(
        "The provider vouches for no e-mail address in the allowed domains. Prove the domain below the list of connections, or let the provider send email_verified.",
      );
    case "code":
    case "request_refused":
      return t(
        "The provider did not give a token for the code. Most often the client secret is not right or has expired, or the callback address differs from the one registered there.",
      );
    case "access_denied":
    case "attention_required":
      return t("The provider did not let this person in, or they declined.");
    case "provider_unavailable":
    case "address":
    case "discovery":
    case "keys":
      return t("The provider cannot be reached from here.");
    case "issuer_mismatch":
      return t("The provider calls itself {found}. Copy that as the issuer, letter by letter.", {
        found: detail,
      });
    case "signature":
    case "algorithm":
    case "key":
      return t(
        "The token's signature does not hold. Check the signature algorithm and that the issuer is the one that publishes these keys.",
      );
    case "claims":
    case "issuer_missing":
    case "azp":
      return t(
        "The token is not made for this connection: issuer, client id or validity differ. Compare issuer and client id letter by letter.",
      );
    case "token_expired":
      return t("The token was too old when it arrived. Compare the clocks of both sides.");
    case "directory":
      return t("The token comes from another directory than the issuer names.");
    case "oid":
      return t("The token names no object id. Ask for the scope profile.");
    case "saml_invalid":
    case "saml_unsigned":
    case "saml_shape":
      return t(
        "The answer's signature does not hold, or the assertion itself is not signed. Compare the certificate, and let the provider sign the assertion (not the message alone). {detail}",
        { detail },
      );
    case "saml_encrypted":
      return t("The assertion is encrypted. Let the provider sign it and not encrypt it.");
    case "name_id":
    case "transient_name_id":
      return t(
        "The provider makes up a new name for the person each time. Let it send a NameID that stays: persistent, an e-mail address, or the object id.",
      );
    case "audience":
    case "recipient":
    case "destination":
      return t(
        "The answer is made for another address. Compare entity id and reply address with those in step 1, letter by letter.",
      );
    case "issuer":
      return t("The answer comes from another provider than the entity id names.");
    case "unsolicited":
    case "in_response_to":
    case "replay":
      return t("The sign-in has to begin here, not at the provider. Start another test.");
    case "expired":
    case "not_yet":
      return t(
        "The answer was too old or too new when it arrived. Compare the clocks of both sides.",
      );
    case "state":
    case "browser":
    case "ticket":
    case "settings":
    case "test_over":
      return t("The test took too long or went on in another browser. Start another one.");
    default:
      return detail || reason;
  }
}

/** Why the proof of a domain was not seen. */
export function problemWords(problem: string): string {
  switch (problem) {
    case "no_text":
      return t("There is no TXT record yet. New records can take an hour to be seen.");
    case "other_text":
      return t("There is a TXT record, but with another text.");
    case "no_answer":
      return t("The domain's name servers do not answer at present.");
    default:
      return problem;
  }
}

/** What a look at a provider found. */
export function remarkWords(code: string, found: string, message: string): string {
  switch (code) {
    case "address":
      return t("The issuer must be a whole https:// address without port, query and user name.");
    case "shared_directory":
      return t(
        "This address takes people of every organisation. Put your own directory's id in the place of common or organizations.",
      );
    case "private_address":
      return t(
        "The address is not a public one, so it is not called. The operator of this deployment can allow it.",
      );
    case "unreachable":
      return t("Nothing answers there, or not with a description. Is the issuer spelt exactly so?");
    case "issuer_mismatch":
      return t("The provider calls itself {found}. Copy that as the issuer, letter by letter.", {
        found,
      });
    case "document":
      return t("The provider's description is not complete: {found}", { found });
    case "keys":
      return t("The provider publishes no public key that can be used.");
    case "algorithms":
      return t("The provider offers no signature that can be checked with a public key.");
    case "endpoint":
      return t("The provider names an address of its own that cannot be called.");
    case "no_back_channel":
      return t(
        "The provider cannot tell us when somebody's session ends there. Here it ends at its own limits, or when you end it.",
      );
    default:
      return message;
  }
}
