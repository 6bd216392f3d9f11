"""The running whole as the browser tests see it: visitors, a page that is kept, forms sent without a browser."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
from axe_playwright_python.async_playwright import Axe
from itsdangerous import URLSafeTimedSerializer
from playwright.async_api import Browser, BrowserContext, Page

from api.web.frame.session import LOOK, SESSION
from engine.runtime.settings import Settings
from tests.support.office import Office

KEY = "s" * 40
OWNER, CHIEF, MANAGER, DIRECTOR, CDO, MAYOR, DX, ADMIN = (
    "p093", "p054", "p015", "p014", "p002", "p001", "p006", "p003",
)  # fmt: skip
Sent = dict[str, str] | dict[str, str | list[str]]
"""Fields of a form; several of one name are a list."""
Files = dict[str, tuple[str, bytes]]


@dataclass
class Site:
    """The running whole, and browsers that visit it."""

    url: str
    office: Office
    browser: Browser
    settings: Settings
    console: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    sound: set[str] = field(default_factory=set)
    """The ways of looking whose colours axe has found sound."""
    _kept: dict[float, Page] = field(default_factory=dict)

    @asynccontextmanager
    async def visitor(
        self,
        person: str | None = OWNER,
        *,
        language: str = "en",
        theme: str = "light",
        width: int = 1280,
        script: bool = True,
    ) -> AsyncIterator[Page]:
        """A fresh browser, signed in unless `person` is None; what it says on its console is kept."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, base_url=self.url
        )
        cookies = [{"name": LOOK, "value": f"{language}.normal.{theme}", "url": self.url}]
        if person is not None:
            cookies.append({"name": SESSION, "value": self.session(person), "url": self.url})
        await context.add_cookies(cookies)  # type: ignore[arg-type]
        self._watch(context)
        try:
            page = await context.new_page()
            page.set_default_timeout(60_000)
            yield page
        finally:
            await context.close()

    async def look(
        self,
        person: str | None = OWNER,
        *,
        language: str = "en",
        text: str = "normal",
        theme: str = "light",
        width: int = 1280,
        scale: float = 1,
    ) -> Page:
        """A page that is kept for the session, as this person and with this look: for what only looks at pages."""
        page = self._kept.get(scale)
        if page is None:
            context = await self.browser.new_context(
                base_url=self.url, device_scale_factor=scale, reduced_motion="reduce"
            )
            await context.add_init_script(Axe().axe_script)
            self._watch(context)
            page = self._kept[scale] = await context.new_page()
        cookies = [{"name": LOOK, "value": f"{language}.{text}.{theme}", "url": self.url}]
        if person is not None:
            cookies.append({"name": SESSION, "value": self.session(person), "url": self.url})
        else:
            await page.context.clear_cookies(name=SESSION)
        await page.context.add_cookies(cookies)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": width, "height": 900})
        return page

    async def close(self) -> None:
        """Lets go of the kept pages: a line that is open holds the server."""
        for page in self._kept.values():
            await page.context.close()

    async def get(self, person: str, path: str) -> httpx.Response:
        """A page's text, without a browser."""
        async with self._program(person) as program:
            return await program.get(path)

    async def post(
        self, person: str, page: str, path: str, data: Sent | None = None, files: Files | None = None
    ) -> httpx.Response:
        """Sends a form of `page` to `path`, without a browser."""
        answer = await self.send(person, page, path, data, files)
        assert answer.is_success or answer.is_redirect, f"{path}: {answer.status_code} {answer.text}"
        return answer

    async def send(
        self,
        person: str,
        page: str,
        path: str,
        data: Sent | None = None,
        files: Files | None = None,
        *,
        method: str = "POST",
    ) -> httpx.Response:
        """The same, whatever the answer is."""
        async with self._program(person) as program:
            found = re.search(r'name="csrf" value="([^"]+)"', (await program.get(page)).text)
            assert found, page
            return await program.request(method, path, data={"csrf": found[1]} | (data or {}), files=files)

    def _program(self, person: str) -> httpx.AsyncClient:
        cookies = {SESSION: self.session(person)}
        return httpx.AsyncClient(base_url=self.url, cookies=cookies, headers={"Accept": "text/html"}, timeout=120)

    def session(self, person: str) -> str:
        """The cookie of somebody who is signed in."""
        content = {"sid": uuid4().hex, "person": person, "since": 4_000_000_000}
        return str(URLSafeTimedSerializer(KEY, salt="spiral-session").dumps(content))

    def _watch(self, context: BrowserContext) -> None:
        context.on("request", lambda one: one.url.startswith(self.url) or self.elsewhere.append(one.url))
        context.on("weberror", lambda one: self.console.append(str(one.error)))
        context.on(
            "console", lambda one: one.type in {"error", "warning"} and self.console.append(f"{one.text} {one.page}")
        )
