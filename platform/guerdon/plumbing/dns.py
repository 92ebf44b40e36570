"""Asking the domain name system for texts, as proofs of domains stand there."""

from collections.abc import Sequence

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer

from guerdon.kit.errors import UnavailableError

_PATIENCE_S = 5
_TEXTS_MAX = 200


class DnsFailedError(UnavailableError):
    """No name server gave an answer."""

    code = "dns_unavailable"
    title = "The domain name system does not answer"


async def texts(name: str, servers: Sequence[str] = ()) -> list[str]:
    """The TXT records at `name`, each in one piece; none where there are none.

    `servers` as `address:port` are asked instead of the machine's own. Raises DnsFailedError.
    """
    resolver = Resolver(configure=not servers)
    if servers:
        hosts = [server.rpartition(":") for server in servers]
        resolver.nameservers = [host for host, _, _ in hosts]
        resolver.nameserver_ports = {host: int(port) for host, _, port in hosts}
    resolver.cache = None
    try:
        found = await resolver.resolve(
            name, "TXT", lifetime=_PATIENCE_S, search=False, raise_on_no_answer=True
        )
    except (NXDOMAIN, NoAnswer):
        return []
    except (DNSException, OSError, ValueError) as error:
        raise DnsFailedError(f"Nobody could say what stands at {name}.") from error
    records = list(found)[:_TEXTS_MAX]
    return [b"".join(record.strings).decode("utf-8", "replace") for record in records]
