"""What every answer carries: nothing of the city may be kept by whoever passes it on, and TLS stays TLS."""

import pytest

from tests.api.conftest import Http, plain
from tests.support import city


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycles that it begins, so that the file has one city of each kind."""
    return resumed


@pytest.mark.slow
async def test_nothing_but_our_own_files_may_be_kept(http: Http) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.imagine()))
    pages = ("/healthz", "/metrics", "/sign-in", "/docs", "/openapi.json", "/nothing", f"/cycles/{cycle}/files/1")
    for path in (*pages, f"/api/v1/cycles/{cycle}", f"/api/v1/cycles/{cycle}/decision-sheet.pdf"):
        answer = await http.client.get(path, headers={"Authorization": f"Bearer {http.token(city.OWNER)}"})
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
    assert (await http.client.get("/static/spiral.css")).headers["cache-control"] == "no-cache"
    assert "immutable" in (await http.client.get("/static/spiral.css?v=1")).headers["cache-control"]
    assert "cache-control" not in (await http.client.get("/docs/assets/swagger-ui.css")).headers


@pytest.mark.parametrize(("address", "secure"), [("http://city", False), ("https://city", True)])
async def test_cookies_and_transport_follow_the_scheme(http: Http, address: str, *, secure: bool) -> None:
    answer = await http.client.get(f"{address}/sign-in")
    assert ("strict-transport-security" in answer.headers) is secure
    put = answer.headers["set-cookie"]
    assert put.startswith("__Host-spiral_session=" if secure else "spiral_session=")
    assert ("Secure" in put.split("; ")) is secure
