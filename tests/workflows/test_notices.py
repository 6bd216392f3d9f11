"""Mail and chat on a real engine, a real SMTP server and a real chat receiver."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine
from temporalio.client import Client

from engine.contracts.documents import ORGANISATION, AskedDocument
from engine.data.shipped import is_sample_city
from engine.domain.access.reading import EVERYTHING
from engine.domain.cycle import commands as c
from engine.domain.notices.preferences import Channel, Preferences
from engine.runtime.ports import prefer
from engine.store.directory.changes import Changes
from engine.store.outbox import Outbox
from engine.store.outgoing.messages import Sendings
from tests.support import city
from tests.support.office import Office, office
from tests.support.receiver import receiving
from workflows.worker import deliver


class Letters:
    """A mail server's memory; it refuses as long as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], Message]] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuses:
            return "451 try again later"
        self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def letters() -> Iterator[tuple[Letters, str]]:
    found, port = Letters(), prefer("127.0.0.1", 0)
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield found, f"mailto://127.0.0.1:{port}?from=spiral@city.example.jp&mode=insecure"
    finally:
        controller.stop()


@asynccontextmanager
async def at_work(at: Office) -> AsyncIterator[Office]:
    async with at.working():
        following = asyncio.create_task(deliver(at.client, at.names, at.database, at.settings))
        try:
            yield at
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following


def statuses(at: Office) -> list[str]:
    rows = Outbox(at.database).notices(None, 100, EVERYTHING)
    return [one.status for one in Sendings(at.database, at.directory, ()).of([row.number or 0 for row in rows])]


async def test_a_decider_gets_one_mail_in_their_language_with_a_link_to_the_page(
    temporal: Client, database: Engine, letters: tuple[Letters, str]
) -> None:
    mails, url = letters
    at = office(temporal, database, mail_url=url, public_url="https://spiral.city.example.jp/")
    Outbox(database).choose(city.UNIT_CHIEF, Preferences(language="en"), at.directory.now())
    async with at_work(at):
        cycle = await at.start()
        await at.hand_in(cycle, city.imagine())
        await at.until(lambda: statuses(at) == ["sent"])
        ((recipients, mail),) = mails.got
        assert recipients == ["chief@example.jp"]
        assert str(make_header(decode_header(mail["subject"]))) == '"届かせる" (Imagine) waits for your decision'
        text = "".join(
            part.get_payload(decode=True).decode() for part in mail.walk() if part.get_content_type() == "text/plain"
        )
        assert f"https://spiral.city.example.jp/cycles/{cycle}" in text
        assert "spiral@city.example.jp" in mail["from"]


@pytest.mark.parametrize("stays", [True, False])
async def test_mail_about_an_emergency_goes_to_the_address_of_before_too(
    temporal: Client, database: Engine, letters: tuple[Letters, str], stays: bool
) -> None:
    mails, url = letters
    at = office(temporal, database, mail_url=url)
    whole = at.directory.facts().organisation
    moved = {city.UNIT_CHIEF: {"email": "taken@example.org"}}
    people = tuple(
        one.model_copy(update=moved.get(one.person_id, {}))
        for one in whole.people
        if stays or one.person_id != city.UNIT_CHIEF
    )
    posts = tuple(
        one.model_copy(update={"person_id": city.OTHER} if one.person_id == city.UNIT_CHIEF else {})
        for one in whole.posts
    )
    put = whole.model_copy(update={"people": people, "posts": posts})
    async with at_work(at):
        changes = Changes(database, at.directory, is_sample_city)
        changes.put(AskedDocument(ORGANISATION, "at once", put, city.ADMIN, "災害"))
        await at.until(lambda: any("chief@example.jp" in to for to, _ in mails.got))
    (to,) = (to for to, _ in mails.got if "chief@example.jp" in to)
    assert to == ["chief@example.jp"] or set(to) == {"chief@example.jp", "taken@example.org"}


async def test_a_mail_server_that_refuses_holds_nothing_up_and_gets_it_later(
    temporal: Client, sqlite: Engine, letters: tuple[Letters, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.domain.notices.preferences._FIRST", timedelta(milliseconds=200))
    mails, url = letters
    mails.refuses = True
    at = office(temporal, sqlite, mail_url=url)
    async with at_work(at):
        cycle = await at.start()
        await at.hand_in(cycle, city.imagine())
        sendings = Sendings(sqlite, at.directory, ("mail",))
        await at.until(lambda: any(row.error for row in sendings.of([1])))
        (row,) = sendings.of([1])
        assert row.error is not None
        assert "451" in row.error
        assert (await at.decide(cycle)).step.value == "transform"
        mails.refuses = False
        await at.until(lambda: len(mails.got) > 0)
        await at.until(lambda: "waiting" not in statuses(at))
        assert sorted(to for to, _ in mails.got) in (
            [["owner@example.jp"]],
            [["chief@example.jp"], ["owner@example.jp"]],
        )


async def test_who_chose_chat_is_told_there(temporal: Client, sqlite: Engine) -> None:
    with receiving() as chat:
        at = office(temporal, sqlite, chat_url=f"json://127.0.0.1:{chat.port}/to/{{mailbox}}")
        Outbox(sqlite).choose(city.OWNER, Preferences(channels=(Channel.CHAT,)), at.directory.now())
        async with at_work(at):
            cycle = await at.start()
            await at.give(cycle, city.UNIT_CHIEF, c.Comment(text="よい案です"))
            await at.until(lambda: statuses(at) == ["sent"])
            (got,) = chat.got
            assert got.event["title"] == "「届かせる」(想像する) コメントがありました"
            assert "よい案です" in got.event["message"]


async def test_with_nothing_set_up_everything_lands_in_the_outbox_and_nothing_waits(
    temporal: Client, sqlite: Engine
) -> None:
    at = office(temporal, sqlite)
    async with at_work(at):
        cycle = await at.start()
        await at.hand_in(cycle, city.imagine())
        assert len(Outbox(sqlite).notices(city.UNIT_CHIEF, 10, EVERYTHING)) == 1
        assert statuses(at) == []
