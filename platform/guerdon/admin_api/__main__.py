"""Print the description of the admin API, as `admin_spa/openapi.json` keeps it."""

import sys

import msgspec

from guerdon.admin_api.document import describe
from guerdon.admin_api.routes import HANDLERS

described = msgspec.json.encode(describe(HANDLERS), order="deterministic")
sys.stdout.write(msgspec.json.format(described, indent=1).decode() + "\n")
