"""Who is told that they are to stand in for somebody absent (代理), and that they need not any more."""

from collections.abc import Iterator

from engine.domain.notices.recipients import Notice, NoticeFacts, NoticeKind
from engine.domain.organisation.organisation import Absence, Organisation


def stand_in_notices(
    before: Absence | None, after: Absence | None, organisation: Organisation, by: str | None = None
) -> tuple[Notice, ...]:
    """Of an absence that is entered (`before` is None), changed, or ended (`after` is None).

    Whoever is away is told too, where another one, `by`, has entered or changed it.
    """
    told = tuple(_told(before, after, organisation))
    if after is None or after == before or by in {None, after.person_id}:
        return told
    away = Notice(person=after.person_id, kind=NoticeKind.AWAY_BY_ANOTHER, facts=_facts(after, organisation))
    return (*told, away)


def _told(before: Absence | None, after: Absence | None, organisation: Organisation) -> Iterator[Notice]:
    if after is not None and after.proxy is not None and after != before:
        yield Notice(person=after.proxy, kind=NoticeKind.STANDS_IN, facts=_facts(after, organisation))
    stays = after is not None and before is not None and after.proxy == before.proxy
    if before is not None and before.proxy is not None and not stays:
        yield Notice(person=before.proxy, kind=NoticeKind.STANDS_IN_NO_MORE, facts=_facts(before, organisation))


def _facts(absence: Absence, organisation: Organisation) -> NoticeFacts:
    """Name and days as the title of what is told."""
    found = organisation.person(absence.person_id)
    name = found.name if found is not None else absence.person_id
    return NoticeFacts(title=f"{name} {absence.first:%Y-%m-%d} – {absence.last:%Y-%m-%d}", due=absence.last)
