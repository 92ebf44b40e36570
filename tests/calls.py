"""Calls to the test's own servers: plain HTTP, for which no certificate authorities are loaded.

Loading them takes 20 ms, and the library would do so for every call.
`get`, `post` and `put` take what httpx2's take.
"""

import ssl
from functools import partial

import httpx2

NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

get = partial(httpx2.get, verify=NO_AUTHORITIES, trust_env=False)
post = partial(httpx2.post, verify=NO_AUTHORITIES, trust_env=False)
put = partial(httpx2.put, verify=NO_AUTHORITIES, trust_env=False)
