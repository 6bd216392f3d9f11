"""Who is told of a document that changes who decides: heads concerned, and those who may agree."""

from collections.abc import Iterable

from engine.domain.notices.recipients import Notice, NoticeFacts, NoticeKind


def change_notices(
    kind: NoticeKind, people: Iterable[str], *, name: str, words: str, by: tuple[str, str]
) -> tuple[Notice, ...]:
    """One for each, but not for who does it.

    Args:
        kind: what is told.
        people: ids.
        name: of the document.
        words: the day, the reason, or the places that change.
        by: id and name of who does it.
    """
    facts = NoticeFacts(title=name, words=words or None, by=by[0], by_name=by[1])
    return tuple(Notice(person=one, kind=kind, facts=facts) for one in sorted(set(people) - {by[0]}))
