"""Clients that ask with a key."""

import httpx

from accord.testing.private_api import PrivateApi

BOOTSTRAP = "jim_ak_" + "0123456789abcdef" * 3


def client(api: PrivateApi, key: str) -> httpx.Client:
    """Return a client that asks with this key."""
    return httpx.Client(base_url=api.url, headers={"X-API-Key": key}, timeout=30, trust_env=False)
