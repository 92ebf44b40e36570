"""Looking at a provider while a connection is set up: what it offers, or why it cannot be used."""

from typing import Literal

import msgspec

from guerdon.identity import providers
from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.parameters import ALGORITHMS
from guerdon.identity.sso.rules import SHARED_DIRECTORIES, address_fault
from guerdon.plumbing.egress import EgressFailedError
from guerdon.runtime import Runtime


class Remark(msgspec.Struct, frozen=True):
    """One thing that was found. `error`: the provider cannot be used like this. `found`: what the
    provider says instead."""

    code: str
    message: str
    severity: Literal["error", "warning"] = "error"
    found: str = ""


class Inspection(msgspec.Struct, frozen=True):
    """What a look at an issuer found."""

    issuer: str
    document_url: str
    remarks: tuple[Remark, ...]
    authorization_endpoint: str = ""
    algorithms: tuple[str, ...] = ()
    keys: int = 0
    sign_out: bool = False
    back_channel_logout: bool = False

    @property
    def usable(self) -> bool:
        """Whether nothing stands in the way."""
        return not any(one.severity == "error" for one in self.remarks)


async def inspect(rt: Runtime, *, issuer: str) -> Inspection:
    """Ask the provider now. Whatever is wrong comes back as a remark with its cause."""
    issuer = issuer.strip()
    url = providers.document_url(issuer)
    if problem := address_fault(issuer, rt.egress):
        return Inspection(issuer, url, (Remark("address", problem),))
    if SHARED_DIRECTORIES & set(issuer.split("/")):
        return Inspection(
            issuer,
            url,
            (
                Remark(
                    "shared_directory",
                    "This address takes people of every organisation. Put your own directory's id "
                    "in the place of common or organizations.",
                ),
            ),
        )
    try:
        document = await providers.metadata(rt, issuer, fresh=True)
    except ConnectionRefusedByPolicyError as error:
        return Inspection(issuer, url, (_refused(error),))
    except EgressFailedError as error:
        return Inspection(
            issuer, url, (Remark("unreachable", f"{error.detail} Is the issuer spelt exactly so?"),)
        )
    remarks = []
    offered = tuple(
        one for one in document.id_token_signing_alg_values_supported if one in ALGORITHMS
    )
    if document.id_token_signing_alg_values_supported and not offered:
        remarks.append(
            Remark(
                "algorithms",
                "The provider offers no signature that can be checked with a public key "
                f"({', '.join(ALGORITHMS)}).",
            )
        )
    count = 0
    try:
        count = len((await providers.keys(rt, document, None, fresh=True)).keys)
        if not count:
            remarks.append(Remark("keys", "The provider publishes no public key."))
    except (ConnectionRefusedByPolicyError, EgressFailedError) as error:
        remarks.append(Remark("keys", f"The provider's keys cannot be read: {error.detail}"))
    for endpoint in (document.authorization_endpoint, document.token_endpoint):
        if problem := address_fault(endpoint.partition("?")[0], rt.egress):
            remarks.append(Remark("endpoint", f"{endpoint}: {problem}"))
    if not document.backchannel_logout_supported:
        remarks.append(
            Remark(
                "no_back_channel",
                "The provider cannot tell us when somebody's session ends there. Their session "
                "here ends at its own limits, or when you end it.",
                "warning",
            )
        )
    return Inspection(
        issuer=issuer,
        document_url=url,
        remarks=tuple(remarks),
        authorization_endpoint=document.authorization_endpoint,
        algorithms=offered,
        keys=count,
        sign_out=bool(document.end_session_endpoint),
        back_channel_logout=document.backchannel_logout_supported,
    )


def _refused(error: ConnectionRefusedByPolicyError) -> Remark:
    reason, found = str(error.params.get("reason")), str(error.params.get("found", ""))
    if reason == "address":
        return Remark(
            "private_address",
            "The address is not a public one, so it is not called. The operator of this deployment "
            "can allow it.",
        )
    if reason == "issuer_mismatch":
        return Remark(
            "issuer_mismatch",
            f"The provider calls itself {found}. Copy that as the issuer, letter by letter.",
            found=found,
        )
    return Remark(
        "document",
        f"The provider's description is not complete: {found or reason}.",
        found=found or reason,
    )
