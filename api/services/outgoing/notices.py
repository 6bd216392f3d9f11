"""Notices: what one was told, how one wants to be told; administrators see the whole outbox."""

from collections import defaultdict
from collections.abc import Sequence

from api.auth import Caller
from api.container import Desk
from api.http.paging import Page, encoded, number_before
from api.schemas.notices import AskedChoice, ChoiceView, NoticeView, SendingView
from engine.domain.errors import not_found
from engine.domain.notices.preferences import Channel, Preferences, SendingStatus
from engine.domain.notices.recipients import NoticeFacts, NoticeKind, Said
from engine.language.catalogues import Language
from engine.language.notices import line, link
from engine.store.tables_outgoing import NoticeRow, SendingRow


def mine(
    caller: Caller, desk: Desk, limit: int, cursor: str | None = None, *, unread: bool = False
) -> Page[NoticeView]:
    """What the caller was told, newest first. Reading this marks nothing as read."""
    rows = desk.outbox.notices(caller.id, limit + 1, caller.clearance, number_before(cursor), unread=unread)
    return _page(rows, limit, caller, desk)


def everybodys(  # noqa: PLR0913 - the filters of a list
    caller: Caller,
    desk: Desk,
    limit: int,
    cursor: str | None = None,
    *,
    unread: bool = False,
    person: str | None = None,
) -> Page[NoticeView]:
    """What everybody was told, newest first.

    Raises:
        DomainError: `admin_only`.
    """
    caller.must_be_admin()
    rows = desk.outbox.notices(person, limit + 1, caller.clearance, number_before(cursor), unread=unread)
    return _page(rows, limit, caller, desk)


def mark_read(n: int, caller: Caller, desk: Desk) -> NoticeView:
    """Notes that the caller has read it; a second time changes nothing.

    Raises:
        DomainError: `unknown_notice`.
    """
    row = desk.outbox.mark_read(n, caller.id, desk.directory.now())
    if row is None or (row.cycle_id and not desk.reader.readable([row.cycle_id], caller.clearance)):
        raise not_found("unknown_notice", n=str(n))
    return _view(row, desk.sendings.of([n]), caller.language, desk.settings.link_url)


def choice(caller: Caller, desk: Desk) -> ChoiceView:
    """How the caller is told."""
    return _choice(caller, desk.outbox.preferences(caller.id), desk.settings.channels)


def choose(asked: AskedChoice, caller: Caller, desk: Desk) -> ChoiceView:
    """Chooses how to be told. Whatever is chosen, the outbox has everything."""
    chosen = Preferences(channels=tuple(dict.fromkeys(asked.channels)), digest=asked.digest, language=asked.language)
    desk.outbox.choose(caller.id, chosen, desk.directory.now())
    return _choice(caller, chosen, desk.settings.channels)


def _choice(caller: Caller, chosen: Preferences, available: tuple[str, ...]) -> ChoiceView:
    return ChoiceView(
        channels=list(chosen.channels),
        digest=chosen.digest,
        language=chosen.language or caller.person.locale,
        available=[Channel(name) for name in available],
    )


def _page(rows: Sequence[NoticeRow], limit: int, caller: Caller, desk: Desk) -> Page[NoticeView]:
    shown = rows[:limit]
    sendings: dict[int, list[SendingRow]] = defaultdict(list)
    for one in desk.sendings.of([row.number or 0 for row in shown]):
        sendings[one.notice].append(one)
    url = desk.settings.link_url
    items = [_view(row, sendings[row.number or 0], caller.language, url) for row in shown]
    following = encoded((items[-1].n,)) if len(rows) > limit else None
    return Page[NoticeView](items=items, next_cursor=following)


def _view(row: NoticeRow, sendings: Sequence[SendingRow], language: Language, url: str) -> NoticeView:
    facts = NoticeFacts.model_validate_json(row.content)
    said = Said(kind=NoticeKind(row.kind), facts=facts, cycle_id=row.cycle_id)
    return NoticeView(
        n=row.number or 0,
        person_id=row.person_id,
        kind=said.kind,
        text=line(said, language),
        cycle_id=row.cycle_id,
        seq=row.seq,
        url=link(said, url),
        at=row.created_at,
        read_at=row.read_at,
        sendings=[_sending(one) for one in sendings],
        facts=facts.model_dump(mode="json", exclude_defaults=True),
    )


def _sending(row: SendingRow) -> SendingView:
    waits = row.status == SendingStatus.WAITING.value
    return SendingView(
        channel=Channel(row.channel),
        status=SendingStatus(row.status),
        attempts=row.attempts,
        next_try_at=row.next_try_at if waits else None,
        error=row.error,
    )
