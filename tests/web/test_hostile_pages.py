"""Pages against people who write markup, who come from another site, or who keep an old cookie."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from engine.domain.access.log import AccessAct, AccessAsked
from engine.domain.cycle import commands as c
from engine.store.registers.access_log import AccessLog
from tests.web.site import ADMIN, CHIEF, OWNER, Site
from tests.web.stock import Stock, begin
from tests.web.test_sign_in_with_a_provider import Provider, browser_of, cookie, production, provider, through

MARKUP = """</title><script>alert(1)</script><img src=x onerror="alert(1)">' {{ 7 * 7 }} javascript:alert(1)"""
RUNS = re.compile(r"<script>alert|<img src=x|onerror=\"alert|href=\"javascript|>49 ")
__all__ = ["production", "provider"]  # fixtures


async def test_markup_that_somebody_writes_is_shown_as_text_on_every_page_that_shows_it(site: Site) -> None:
    cycle = await begin(site, MARKUP)
    await site.office.given(cycle, OWNER, c.Comment(text=MARKUP))
    initiative = cycle.rsplit("-", 1)[0]
    shown = 0
    for person, path in (
        (OWNER, "/"), (OWNER, f"/cycles/{cycle}"), (OWNER, f"/initiatives/{initiative}"),
        (OWNER, f"/initiatives/{initiative}/spiral.svg"), (CHIEF, f"/cycles/{cycle}"), (CHIEF, "/history"),
    ):  # fmt: skip
        text = (await site.get(person, path)).text
        assert not RUNS.search(text), path
        shown += "&lt;script&gt;" in text
    assert shown >= 4


@pytest.mark.parametrize("path", ["/", "/sign-in", "/cycles/none", "/static/page.js", "/docs"])
async def test_no_page_can_be_framed_guessed_at_or_read_from_another_site(site: Site, path: str) -> None:
    async with httpx.AsyncClient(base_url=site.url, headers={"Origin": "https://evil.example"}) as program:
        answer = await program.get(path, headers={"Accept": "text/html"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/static", "/static/", "/static/%2e%2e/app.py", "/static/../web/pages.py", "/.git/config"]
)
async def test_neither_lists_nor_files_of_the_program_are_served(site: Site, path: str) -> None:
    async with httpx.AsyncClient(base_url=site.url) as program:
        answer = await program.get(path)
    assert answer.status_code in {307, 404}
    assert "router" not in answer.text


async def test_a_form_of_another_visit_is_refused_and_a_get_never_changes_anything(site: Site, stock: Stock) -> None:
    page = await site.get(OWNER, "/")
    stranger = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert stranger
    refused = await site.send(CHIEF, "/", "/sign-out", {"csrf": stranger[1]})
    assert refused.status_code == 403
    before = site.office.journal.events(stock.fresh)
    for path in (
        f"/cycles/{stock.fresh}?withdraw=1",
        "/sign-out",
        "/access/visits/end",
        f"/cycles/{stock.fresh}/submit",
    ):
        assert (await site.get(OWNER, path)).status_code in {200, 404, 405, 422}
    assert site.office.journal.events(stock.fresh) == before
    assert (await site.get(OWNER, "/")).status_code == 200


async def test_signing_in_takes_a_new_visit_and_ends_the_one_before(production: FastAPI, provider: Provider) -> None:
    client, back = await through(production)
    first = dict(client.cookies)
    begun = await client.get("/sign-in/provider", params={"again": "true", "next": "/"})
    async with httpx.AsyncClient() as outside:
        sent = await outside.get(begun.headers["location"])
    place = sent.headers["location"].removeprefix("https://city.example")
    assert (await client.get(place)).status_code == 303
    assert dict(client.cookies) != first
    assert (await client.get("/")).status_code == 200
    async with browser_of(production, first) as older:
        assert (await older.get("/")).headers["location"] == "/sign-in"
    assert back.status_code == 303


async def test_who_came_in_who_did_not_and_who_left_stands_in_the_access_log(
    production: FastAPI, provider: Provider, site: Site
) -> None:
    client, _ = await through(production)
    token = (await client.get("/")).text.split('name="csrf" value="')[1].split('"')[0]
    await client.post("/sign-out", data={"csrf": token})
    provider.claims = {"sub": "u2", "email": "stranger@example.org", "email_verified": True}
    await through(production)
    told = AccessLog(site.office.database, 365).found(AccessAsked(), 3)
    assert [(one.act, one.person, one.subject) for one in reversed(told)] == [
        (AccessAct.SIGN_IN, OWNER, "provider"),
        (AccessAct.SIGN_OUT, OWNER, ""),
        (AccessAct.SIGN_IN_FAILED, "", "provider"),
    ]
    assert told[0].detail == "sign_in_unknown"


async def test_a_cookie_says_nothing_that_its_reader_could_change_into_more(production: FastAPI) -> None:
    name, value = next(iter(cookie(OWNER, idle=1).items()))
    payload, at, signature = value.rsplit(".", 2)
    another = cookie(ADMIN, idle=1)[name].rsplit(".", 2)[0]
    later = cookie(OWNER, idle=0)[name].rsplit(".", 2)[1]
    for changed in (
        f"{another}.{at}.{signature}", f"{payload}.{later}A.{signature}", f"{payload}.{at}.{signature[:-2]}",
        f"{payload}.{at}", payload, f"{payload}.{at}.",
    ):  # fmt: skip
        async with browser_of(production, {name: changed}) as program:
            assert (await program.get("/")).headers["location"] == "/sign-in"


async def test_a_link_on_another_site_signs_nobody_in(production: FastAPI) -> None:
    async with browser_of(production, {}) as client:
        link = "/sign-in/provider?next=/decisions"
        sent = await client.get(link, headers={"Sec-Fetch-Site": "cross-site"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Fdecisions")
        for site in ("same-origin", "none"):
            begun = await client.get(link, headers={"Sec-Fetch-Site": site})
            assert "code_challenge" in begun.headers["location"]


async def test_whoever_leaves_a_desk_leaves_nothing_in_its_browser(production: FastAPI) -> None:
    for path in ("/sign-out", "/access/visits/end"):
        client, _ = await through(production)
        token = (await client.get("/")).text.split('name="csrf" value="')[1].split('"')[0]
        left = await client.post(path, data={"csrf": token})
        assert (left.status_code, left.headers["clear-site-data"]) == (303, '"cache", "storage"')
        assert (await client.get("/")).headers["location"] == "/sign-in"
        await asyncio.sleep(1.1)  # visits are told apart by the second


async def test_a_file_put_in_force_on_a_page_stands_in_the_access_log(site: Site) -> None:
    edition = next((Path(__file__).parents[2] / "engine" / "data" / "roadmap").glob("*.yaml"))
    await site.post(ADMIN, "/admin", "/admin/files", {"kind": "roadmap"}, {"file": ("r.yaml", edition.read_bytes())})
    (told,) = AccessLog(site.office.database, 365).found(AccessAsked(act=AccessAct.SETTING), 1)
    assert (told.person, told.subject) == (ADMIN, "roadmap")


async def test_a_page_that_is_refused_says_in_the_log_to_whom(production: FastAPI) -> None:
    async with browser_of(production, cookie(OWNER, idle=1)) as client:
        with capture_logs() as said:
            assert (await client.get("/admin")).status_code == 403
    (refused,) = [one for one in said if one["event"] == "refused"]
    assert (refused["person"], refused["code"], refused["place"]) == (OWNER, "admin_only", "/admin")
