"""What the cmdlets of existing automation send: headers on every request, no redirects, bodies as they write them."""

import json
from typing import Any

import httpx

KEY = "jim_ak_" + "0123456789abcdef" * 3


class Cmdlets:
    """A client that asks as the PowerShell module does."""

    def __init__(self, url: str, key: str = KEY) -> None:
        self._client = httpx.Client(
            base_url=f"{url}/api/v1", trust_env=False, follow_redirects=False, timeout=30,
            headers={"Accept": "application/json", "X-API-Key": key, "Content-Type": "application/json"},
        )  # fmt: skip

    @property
    def base_url(self) -> str:
        """Return where the server is, without the prefix of the API."""
        return str(self._client.base_url).removesuffix("/").removesuffix("/api/v1")

    def close(self) -> None:
        self._client.close()

    def ask(self, method: str, path: str, body: object = None, **query: Any) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        return self._client.request(method, path, content=content, params=query)

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self.ask("GET", path, **query), 200)

    def post(self, path: str, body: object = None, *, status: int = 201, **query: Any) -> Any:
        return self._answer(self.ask("POST", path, body, **query), status)

    def put(self, path: str, body: object) -> Any:
        return self._answer(self.ask("PUT", path, body), 200)

    def patch(self, path: str, body: object) -> Any:
        return self._answer(self.ask("PATCH", path, body), 200)

    def delete(self, path: str, *, status: int = 204, **query: Any) -> Any:
        return self._answer(self.ask("DELETE", path, **query), status)

    def _answer(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
        return answer.json() if answer.content else None
