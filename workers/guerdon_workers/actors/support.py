"""Every tenant's sheet is counted anew each quarter of an hour."""

from guerdon.support.sheet import REFRESH_EVERY_S, RefreshSheet, SheetRefreshed
from guerdon_workers.scheduler import Every

handlers = (SheetRefreshed(),)
schedules = (Every("support.refresh_sheet", RefreshSheet, REFRESH_EVERY_S),)
