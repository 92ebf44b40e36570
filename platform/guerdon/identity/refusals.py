"""Why a sign-in by a brand's own provider is refused: one word for each reason.

The trail keeps the word, a test login shows it, and the sign-in page explains it to whoever stands
before it (`admin_spa/src/features/sign-in/words.ts`).
"""

from typing import Final, Literal, get_args

from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidKeyIdError,
)

Reason = Literal[
    # What the person is here, and what their directory says of them.
    "no_role", "suspended", "no_email", "email_domain", "email_taken", "not_invited",
    "second_factor", "groups_overage", "too_many_groups", "groups_form",
    # The provider, or the connection, takes nobody in.
    "closed", "provider_unavailable", "access_denied", "attention_required", "request_refused",
    "provider_error", "discovery", "issuer_mismatch", "address", "keys", "protocol", "code",
    # The answer does not belong to what was begun here.
    "state", "browser", "connection", "client", "settings", "ticket", "replay", "unsolicited",
    "in_response_to", "test_over", "auth_time",
    # The answer is made for somebody else, or by somebody else.
    "issuer", "issuer_missing", "claims", "azp", "sub", "audience", "recipient", "destination",
    "directory", "oid", "name_id", "transient_name_id",
    # The answer is of another time.
    "token_expired", "expired", "not_yet", "lives_too_long", "no_end",
    # The answer's signature or form does not hold.
    "token", "signature", "algorithm", "key", "key_in_token",
    "saml_invalid", "saml_unsigned", "saml_shape", "saml_encrypted", "saml_size", "saml_form",
    "saml_markup", "saml_time", "conditions", "confirmation",
]  # fmt: skip
# Of the provider's own calls, and of members' sign-ins: nobody stands before a page.
Aside = Literal[
    "member", "events", "nonce", "nobody", "sub_or_sid", "jti", "iat",
]  # fmt: skip

REASONS: Final[dict[str, Reason]] = {one: one for one in get_args(Reason)}

# RFC 6749, 4.1.2.1, and OpenID Connect Core 1.0, 3.1.2.6.
_PROVIDERS_WORDS: Final[dict[str, Reason]] = {
    "access_denied": "access_denied",
    "server_error": "provider_unavailable",
    "temporarily_unavailable": "provider_unavailable",
    "interaction_required": "attention_required",
    "login_required": "attention_required",
    "account_selection_required": "attention_required",
    "consent_required": "attention_required",
    "invalid_request": "request_refused",
    "invalid_scope": "request_refused",
    "unauthorized_client": "request_refused",
    "invalid_client": "request_refused",
    "unsupported_response_type": "request_refused",
}


def of_provider(error: str) -> Reason:
    """What a provider's own error means here."""
    return _PROVIDERS_WORDS.get(error, "provider_error")


def of_token(error: Exception) -> Reason:
    """What is wrong with a token, from what its verification raised."""
    if isinstance(error, ExpiredTokenError):
        return "token_expired"
    if isinstance(error, ClaimError):
        return "claims"
    if isinstance(error, BadSignatureError):
        return "signature"
    if isinstance(error, InvalidKeyIdError):
        return "key"
    return "token"
