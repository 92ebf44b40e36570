"""The whole programme: the list of all parameter sections, and a tenant as a folder."""

from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.fulfilment.parameters import FulfilmentParameters
from guerdon.identity.parameters import SecurityParameters
from guerdon.ledger.parameters import PointsParameters
from guerdon.members import imports, personal_data
from guerdon.members.parameters import MemberParameters
from guerdon.notifications.parameters import NotificationParameters
from guerdon.parameters.sections import Rules, Section
from guerdon.payments.parameters import PaymentParameters
from guerdon.plans import quotas
from guerdon.plumbing import events, guards
from guerdon.programme import rules_access, rules_live, rules_money, rules_words
from guerdon.recommendations import attribution
from guerdon.recommendations.card_bases import ApprovalData
from guerdon.recommendations.kept_contexts import PurchaseData
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.personal_data import RecommendationData
from guerdon.redemption.personal_data import MessageData, RedemptionData
from guerdon.theming.parameters import BrandingParameters
from guerdon.tiers.imports import ImportedTiers
from guerdon.tiers.parameters import TierParameters
from guerdon.webhooks_out.parameters import IntegrationParameters

# Add a feature's section here: the generic core, tenant.toml and the API follow.
SECTIONS: tuple[type[Section], ...] = (
    BrandingParameters,
    CatalogueParameters,
    IntegrationParameters,
    MemberParameters,
    NotificationParameters,
    PaymentParameters,
    FulfilmentParameters,
    PointsParameters,
    TierParameters,
    SecurityParameters,
    RecommendationParameters,
)

# Rules that span sections: each yields findings over all of them.
RULES = Rules(
    of_content=(*rules_money.RULES, *rules_words.RULES, *rules_access.RULES),
    of_change=rules_live.RULES,
)

# Every feature that keeps something of a member beyond `members` and `identity`.
personal_data.install(
    RedemptionData(), MessageData(), RecommendationData(), PurchaseData(), ApprovalData()
)

# Members who come from elsewhere keep their tiers.
imports.install(ImportedTiers())

# A plan may have no room for another member.
guards.guard("members", quotas.guard_members)

# What a redemption says of the offers before it.
events.listen(attribution.CONFIRMED, attribution.attribute)
