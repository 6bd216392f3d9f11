"""Who is told of a document that changes who decides: heads concerned, and those who may agree."""

from collections.abc import Iterable

from engine.domain.notices.recipients import Notice, NoticeFacts, NoticeKind
from engine.domain.organisation.organisation import Organisation


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


def told_where_they_were(notices: Iterable[Notice], before: Organisation, after: Organisation) -> tuple[Notice, ...]:
    """The same, each with the address that the person had before a document gave them another one, or none at all.

    Who puts a file in force at once could else have the mail about it sent to an address of their own.
    """
    found: list[Notice] = []
    for one in notices:
        known, now = before.person(one.person), after.person(one.person)
        if known is not None and (now is None or now.email != known.email):
            facts = one.facts.model_copy(update={"mailbox": known.email})
            found.append(one.model_copy(update={"facts": facts}))
        else:
            found.append(one)
    return tuple(found)
