"""Identity: ending access, looking at e-mail domains. Codes by mail are sent by notifications."""

from guerdon.identity.jobs import EndingSessions
from guerdon.identity.sso.jobs import DOMAIN_HANDLERS, LookAtDomains
from guerdon_workers.scheduler import Every

handlers = (EndingSessions(), *DOMAIN_HANDLERS)
schedules = (Every("identity.look_at_domains", LookAtDomains, 86_400),)
