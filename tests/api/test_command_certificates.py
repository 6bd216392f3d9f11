"""A command loads certificates only where the address shows one: it takes as long as the call itself."""

from typing import Any

import httpx
import pytest

from api.cli.cycles.work import call


@pytest.mark.parametrize(
    ("address", "checked"),
    [("http://127.0.0.1:8000", False), ("https://spiral.example", True), ("HTTPS://spiral.example", True)],
)
def test_certificates_are_looked_at_wherever_an_address_shows_one(
    monkeypatch: pytest.MonkeyPatch, address: str, checked: bool
) -> None:
    asked: list[bool] = []

    class Client(httpx.Client):
        def __init__(self, **given: Any) -> None:
            asked.append(given.pop("verify"))
            super().__init__(**given, transport=httpx.MockTransport(lambda _: httpx.Response(204)))

    monkeypatch.setenv("SPIRAL_URL", address)
    monkeypatch.setenv("SPIRAL_TOKEN", "t")
    monkeypatch.setattr(httpx, "Client", Client)
    assert call("GET", "/me", None, None, None) is None
    assert asked == [checked]
