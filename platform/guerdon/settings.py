"""Deployment settings, parsed once from `GUERDON_*` variables.

A tenant never sets any of these; an operator does. `docs/settings.md` lists them.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta

PREFIX = "GUERDON_"


class SettingsError(Exception):
    """A variable is missing or cannot be read; the message names it and what it takes."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All deployment settings. Every field is the variable `GUERDON_<FIELD>` in capitals."""

    environment: Annotated[
        str, Meta(description="`production`, `demo` or `test`; shown to people.")
    ] = "production"
    base_host: Annotated[
        str, Meta(description="Host (and port) under which tenants get their subdomains.")
    ] = "localhost:8000"
    base_scheme: Annotated[str, Meta(description="`https`; `http` only on a laptop.")] = "https"
    hooks_host: Annotated[
        str, Meta(description="Host for provider webhooks; `hooks.<base>` when empty.")
    ] = ""
    console_host: Annotated[
        str, Meta(description="Host (and port) of the console; `admin.<base>` when empty.")
    ] = ""
    staff_host: Annotated[
        str,
        Meta(
            description="Host (and port) of the console of the platform's own staff; "
            "`staff.<base>` when empty."
        ),
    ] = ""
    ask_host: Annotated[
        str,
        Meta(
            description="Host (and port) at which a trusted proxy asks whether to obtain a "
            "certificate, as in `http://<ask_host>/certificate`; nobody may when empty."
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...], Meta(description="Addresses whose X-Forwarded-* headers count.")
    ] = ()

    database_url: Annotated[
        str,
        Meta(
            description="PostgreSQL, as `postgresql://{role}:{password}@host:port/name`; "
            "`{role}` and `{password}` are filled in per process."
        ),
    ] = "postgresql://{role}:{password}@127.0.0.1:5432/guerdon"
    database_passwords: Annotated[
        dict[str, str], Meta(description="JSON object: password of each `guerdon_*` role.")
    ] = {}
    database_pool_size: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description="Connections per process for its work, about four per core; two more "
            "are for what it keeps in memory.",
        ),
    ] = 8
    database_wait_s: Annotated[
        int,
        Meta(ge=1, le=300, description="Seconds that a request may wait for a free connection."),
    ] = 10
    database_prepare: Annotated[
        bool, Meta(description="Prepared statements; switch off behind a transaction pooler.")
    ] = True

    tenant_requests_per_minute: Annotated[
        int,
        Meta(
            ge=1,
            le=10**7,
            description="Requests that one brand may make, site and API together, before it is "
            "told to wait (429), so that the others come to their turn.",
        ),
    ] = 120_000
    redis_url: Annotated[
        str, Meta(description="Valkey or Redis for sessions, limits and locks (no eviction).")
    ] = "redis://127.0.0.1:6379/0"
    broker_url: Annotated[
        str, Meta(description="Valkey or Redis for jobs; another database than `redis_url`.")
    ] = "redis://127.0.0.1:6379/1"

    context_key: Annotated[
        str, Meta(description="64 hex digits: signs the tenant of each transaction.")
    ] = ""
    master_key: Annotated[
        str, Meta(description="64 hex digits: wraps the data key of each tenant.")
    ] = ""

    stripe_api_base: Annotated[str, Meta(description="Address of the Stripe API.")] = (
        "https://api.stripe.com"
    )
    platform_stripe_key: Annotated[
        str,
        Meta(
            description="Secret key of the platform's own Stripe account, from which brands' plans "
            "are charged; empty means that nothing is charged."
        ),
    ] = ""
    platform_stripe_webhook_secret: Annotated[
        str,
        Meta(description="Signing secret of its webhook at `<hooks host>/platform/stripe`."),
    ] = ""
    amazon_pay_base: Annotated[
        str, Meta(description="Address of the Amazon Pay API; `.eu` and `.jp` for those regions.")
    ] = "https://pay-api.amazon.com"
    amazon_business_base: Annotated[
        str, Meta(description="Address of the Amazon Business API.")
    ] = "https://na.business-api.amazon.com"
    lwa_token_url: Annotated[
        str, Meta(description="Address of Login with Amazon's token endpoint.")
    ] = "https://api.amazon.com/auth/o2/token"  # noqa: S105
    smtp_url: Annotated[
        str, Meta(description="Mail server: `smtp://user:password@host:port` or `smtps://`.")
    ] = "smtp://127.0.0.1:25"
    mail_from: Annotated[str, Meta(description="Sender address of all mail.")] = (
        "no-reply@localhost"
    )
    sns_endpoint: Annotated[
        str, Meta(description="Address of Amazon SNS; empty means the region's own.")
    ] = ""
    aws_region: Annotated[str, Meta(description="Region of SNS.")] = "us-east-1"
    egress_allowed_origins: Annotated[
        tuple[str, ...],
        Meta(description="Exact origins that outgoing calls may reach although not public https."),
    ] = ()

    showcase: Annotated[
        tuple[str, ...],
        Meta(description="Short names of brands that the platform's first page shows off."),
    ] = ()
    sandbox_accounts: Annotated[
        bool,
        Meta(
            description="A brand that signs up gets accounts at the supplier and the payment "
            "provider above. Only where these are sandboxes, which open one for whoever asks."
        ),
    ] = False

    dns_servers: Annotated[
        tuple[str, ...],
        Meta(
            description="Name servers (`address:port`) that are asked for proofs of domains; empty "
            "means the machine's own."
        ),
    ] = ()

    files_dir: Annotated[
        str, Meta(description="Folder for pictures and logos, shared by all processes.")
    ] = "/var/lib/guerdon/files"

    terms_dir: Annotated[
        str,
        Meta(
            description="Folder with the platform's terms for brands (`editions.toml` and a text "
            "per edition and language); those of the release when empty."
        ),
    ] = ""

    log_format: Annotated[str, Meta(description="`json` or `console`.")] = "json"
    log_level: Annotated[str, Meta(description="`debug`, `info`, `warning` or `error`.")] = "info"
    trace_file: Annotated[
        str, Meta(description="File that receives finished trace spans as JSON lines.")
    ] = ""
    metrics_token: Annotated[
        str, Meta(description="Bearer token that `/metrics` asks for; empty allows loopback only.")
    ] = ""

    job_attempts_max: Annotated[
        int, Meta(ge=1, description="Failures after which a job is parked.")
    ] = 12
    job_lease_s: Annotated[
        int, Meta(ge=1, description="Seconds after which an unfinished job is rung again.")
    ] = 30
    drain_s: Annotated[
        int,
        Meta(
            ge=1,
            description="Seconds in which a process that is told to end finishes what it has in "
            "hand. A few more and it ends in any case.",
        ),
    ] = 30
    failpoints: Annotated[
        str, Meta(description="Tests only: directory in which fault injection leaves its marks.")
    ] = ""

    def database_dsn(self, role: str) -> str:
        """The address for `guerdon_<role>`."""
        login = f"guerdon_{role}"
        return self.database_url.replace("{role}", login).replace(
            "{password}", self.database_passwords.get(login, "")
        )

    @property
    def base_domain(self) -> str:
        """`base_host` without its port."""
        return self.base_host.partition(":")[0]

    @property
    def hooks_authority(self) -> str:
        """Host and port for provider webhooks."""
        return self.hooks_host or f"hooks.{self.base_host}"

    @property
    def console_authority(self) -> str:
        """Host and port of the console."""
        return self.console_host or f"admin.{self.base_host}"

    @property
    def console_url(self) -> str:
        """The console's address."""
        return f"{self.base_scheme}://{self.console_authority}"

    @property
    def staff_authority(self) -> str:
        """Host and port of the console of the platform's own staff."""
        return self.staff_host or f"staff.{self.base_host}"

    @property
    def staff_url(self) -> str:
        """The address of the console of the platform's own staff."""
        return f"{self.base_scheme}://{self.staff_authority}"

    def tenant_url(self, host: str) -> str:
        """The address of a tenant's site from its stored host, with the deployment's port.

        The operator has none: where a brand's site would be, the platform's own stands.
        """
        if not host:
            return f"{self.base_scheme}://{self.base_host}"
        port = self.base_host.partition(":")[2]
        return f"{self.base_scheme}://{host}{':' + port if port else ''}"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; SettingsError names the first variable at fault."""
    hints = get_type_hints(Settings)
    raw: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        if (text := environ.get(PREFIX + name.upper())) is None:
            continue
        try:
            raw[name] = _parse(text, hints[name])
        except (msgspec.MsgspecError, ValueError) as error:
            raise SettingsError(f"{PREFIX}{name.upper()}: {error}") from error
    try:
        settings = msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(str(error)) from error
    _check(settings)
    return settings


def _parse(text: str, hint: Any) -> Any:
    if hint is str:
        return text
    if hint is bool:
        if text.lower() not in {"1", "0", "true", "false", "yes", "no"}:
            raise ValueError("takes true or false")
        return text.lower() in {"1", "true", "yes"}
    if hint is int:
        return int(text)
    if hint == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return msgspec.json.decode(text.encode(), type=hint)


def _check(settings: Settings) -> None:
    for name in ("context_key", "master_key"):
        value = getattr(settings, name)
        try:
            good = len(bytes.fromhex(value)) == 32
        except ValueError:
            good = False
        if not good:
            raise SettingsError(f"{PREFIX}{name.upper()}: takes 64 hexadecimal digits")
        if len(set(bytes.fromhex(value))) < 12:
            raise SettingsError(f"{PREFIX}{name.upper()}: is not random; make one with `openssl`")
