"""From when on something looks like abuse. Declared here, and shown beside what was found.

Chosen so that a family on a holiday or a forgetful member stays below; a brand that runs a drop
of popular rewards will see a `surge`, which says so. Counts are of one brand; nothing is compared
between brands.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec


class Kind(StrEnum):
    """What it looks like."""

    VELOCITY = "velocity"  # one member redeems again and again
    TAKEOVER = "takeover"  # a new device, a new address, and something that is as good as cash
    CODE_GUESSING = "code_guessing"  # codes of sign-ins are tried out
    SURGE = "surge"  # the whole brand redeems much more than it does


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Every bound with the time in which it is counted.

    `velocity`: redemptions of one member in an hour, and in a day. `takeover_h`: how new the
    sign-in and the address have to be, in hours. `codes_per_account`: wrong codes for one e-mail
    within `codes_minutes`; `codes_per_browser`: e-mails with wrong codes from one browser;
    `codes_in_all`: wrong codes of the brand. `surge_times`: how many times its hourly mean of the
    week before a brand redeems in the last hour, from `surge_from` redemptions on.
    """

    velocity_per_hour: int = 5
    velocity_per_day: int = 12
    takeover_h: int = 24
    codes_minutes: int = 30
    codes_per_account: int = 8
    codes_per_browser: int = 5
    codes_in_all: int = 100
    surge_times: int = 10
    surge_from: int = 50


THRESHOLDS: Final = Thresholds()
TAKEOVER_WITHIN: Final = timedelta(hours=THRESHOLDS.takeover_h)
CODES_WITHIN: Final = timedelta(minutes=THRESHOLDS.codes_minutes)
