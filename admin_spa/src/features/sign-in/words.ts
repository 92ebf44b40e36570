/** Why a company's sign-in was refused, for the person who stands before the door. */

import { t } from "@/i18n";

/** What happened, and what to do about it. `reason` is a word of the server's. */
export function refusedWords(reason: string): string {
  switch (reason) {
    case "no_role":
      return t(
        "None of your groups gives access to this console. Ask an owner to map one of them to a role.",
      );
    case "suspended":
      return t("Your account was suspended or removed. Ask an owner of the programme.");
    case "no_email":
      return t(
        "Your company's sign-in vouches for no e-mail address of yours. Ask an owner to prove the e-mail domain under Single sign-on, or the provider's administrator to send a verified address.",
      );
    case "email_domain":
      return t(
        "Your e-mail address is not of a domain that may come in here. Choose your work account there, or ask an owner to allow the domain.",
      );
    case "email_taken":
      return t(
        "An account with your e-mail exists here and signs in another way. Sign in that way, or ask an owner to let your company's sign-in open it, under People.",
      );
    case "not_invited":
      return t("No account waits for you here. Ask an owner to invite you.");
    case "second_factor":
      return t(
        "Beside your company's sign-in an authenticator app is asked for here, and your account has none yet. Set it up by the link of your invitation, or ask an owner for a new one.",
      );
    case "groups_overage":
    case "too_many_groups":
    case "groups_form":
      return t(
        "Your company's sign-in sends your groups in a way that cannot be read here: too many, mostly. Tell whoever runs it to send those of this application only ({reason}).",
        { reason },
      );
    case "closed":
      return t(
        "Your company's sign-in is not open here at present. Sign in another way, or ask an owner.",
      );
    case "provider_unavailable":
      return t("Your company's sign-in does not answer at present. Try again in a moment.");
    case "access_denied":
      return t(
        "Your company's sign-in did not let you in, or you declined. Ask whoever runs it to give you this application.",
      );
    case "attention_required":
      return t(
        "Your company's sign-in wants something of you first: signing in there, or agreeing. Try again and answer what it asks.",
      );
    case "state":
    case "browser":
    case "ticket":
    case "replay":
    case "settings":
    case "connection":
    case "client":
    case "in_response_to":
    case "test_over":
      return t(
        "The sign-in took too long, was begun in another window, or was used before. Begin again below.",
      );
    case "unsolicited":
      return t(
        "The sign-in has to begin here, not on your company's page of applications. Begin below.",
      );
    case "auth_time":
      return t(
        "You were to prove anew who you are, and your company's sign-in took an earlier proof. Sign out there, then try again.",
      );
    case "token_expired":
    case "expired":
    case "not_yet":
      return t(
        "The answer of your company's sign-in was too old or too new. Try again; if it goes on, tell whoever runs it to set the clock ({reason}).",
        { reason },
      );
    case "issuer":
    case "issuer_missing":
    case "claims":
    case "azp":
    case "sub":
    case "audience":
    case "recipient":
    case "destination":
    case "directory":
    case "oid":
      return t(
        "The answer of your company's sign-in is made for another application, or comes from another directory. Did you choose the right account? If so, tell an owner to compare addresses and ids under Single sign-on ({reason}).",
        { reason },
      );
    case "name_id":
    case "transient_name_id":
      return t(
        "Your company's sign-in gives you no name that stays. Tell whoever runs it to send a lasting NameID ({reason}).",
        { reason },
      );
    case "token":
    case "signature":
    case "algorithm":
    case "key":
    case "key_in_token":
    case "lives_too_long":
    case "no_end":
    case "saml_invalid":
    case "saml_unsigned":
    case "saml_shape":
    case "saml_encrypted":
    case "saml_size":
    case "saml_form":
    case "saml_markup":
    case "saml_time":
    case "conditions":
    case "confirmation":
      return t(
        "The answer of your company's sign-in does not hold up: its signature or its form. Trying again hardly helps. Tell an owner, whom a test login shows what is wrong ({reason}).",
        { reason },
      );
    case "request_refused":
    case "provider_error":
    case "discovery":
    case "issuer_mismatch":
    case "address":
    case "keys":
    case "protocol":
    case "code":
      return t(
        "Your company's sign-in and this console do not fit together. Tell an owner, whom a test login shows what to change ({reason}).",
        { reason },
      );
    default:
      return t(
        "Your company's sign-in sent an answer that does not hold up. Try again; if it goes on, tell your administrator: {reason}",
        { reason },
      );
  }
}
