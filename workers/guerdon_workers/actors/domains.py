"""A brand's own domains: looking whether their proofs still stand."""

from guerdon.domains.jobs import DOMAIN_HANDLERS, LookAtSiteDomains
from guerdon_workers.scheduler import Every

handlers = DOMAIN_HANDLERS
schedules = (Every("domains.look_at_all", LookAtSiteDomains, 86_400),)
