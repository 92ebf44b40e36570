"""The brand's own systems, calling the API."""

from tests.brand_api.conftest import api, make_api

__all__ = ["api", "make_api"]
