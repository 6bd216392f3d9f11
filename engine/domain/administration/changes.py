"""A document that changes who decides waits: until a second one agrees, or until the next day.

Its course stands in the ledger (`change/ID`). Whoever proposed it never agrees to it, nobody agrees by a token that
somebody else has made, and an absent person's proxy does not agree for them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.errors import conflict, forbidden, not_found
from engine.domain.ledger.credentials import service_of
from engine.domain.ledger.facts import ChangeClosed, ChangeOutcome, ChangeProposed, Entry
from engine.domain.organisation.organisation import Duty
from engine.domain.review.facts import Facts

A_DAY = timedelta(days=1)


class DocumentStanding(StrEnum):
    """How a document is put in force."""

    AT_ONCE = "at_once"
    EMERGENCY = "emergency"
    WAITS = "waits"


class ProposedChange(Frozen):
    """A document that was proposed.

    Args:
        change_id: of the change.
        kind: `organisation` or `policy`.
        name: of the document.
        sha256: of its content.
        base: number of the document that it would replace.
        proposed_by: person id.
        proposed_at: aware UTC.
        takes_effect: the day on which it takes effect by itself.
        by_token_of: who made the token with which it was proposed, when that was another.
        outcome: what became of it; None while it waits.
        closed_by: who agreed or withdrew it; `system` when its day came.
        closed_at: aware UTC.
        reason: why it was withdrawn.
        number: of the document that came of it.
    """

    change_id: str
    kind: str
    name: str
    sha256: str
    base: int
    proposed_by: str
    proposed_at: datetime
    takes_effect: date
    by_token_of: str | None = None
    outcome: ChangeOutcome | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    reason: str | None = None
    number: int | None = None


def standing_of(*, first: bool, changes: bool, emergency: bool) -> DocumentStanding:
    """How a document may be put in force.

    Args:
        first: none of its kind is in force yet.
        changes: it changes who decides.
        emergency: whoever asks says that it cannot wait.
    """
    if first or not changes:
        return DocumentStanding.AT_ONCE
    return DocumentStanding.EMERGENCY if emergency else DocumentStanding.WAITS


def change_of(entries: Sequence[Entry]) -> ProposedChange | None:
    """The change that a stream's entries amount to."""
    found: ProposedChange | None = None
    for entry in entries:
        match entry.data:
            case ChangeProposed() as said:
                found = ProposedChange(
                    change_id=entry.stream.partition("/")[2],
                    kind=said.kind,
                    name=said.name,
                    sha256=said.sha256,
                    base=said.base,
                    proposed_by=entry.actor,
                    proposed_at=entry.at,
                    takes_effect=said.takes_effect,
                    by_token_of=said.by_token_of,
                )
            case ChangeClosed() as said if found is not None:
                found = found.model_copy(
                    update={
                        "outcome": said.outcome, "closed_by": entry.actor, "closed_at": entry.at,
                        "reason": said.reason, "number": said.number,
                    }
                )  # fmt: skip
    return found


def seconds(facts: Facts) -> frozenset[str]:
    """Who may agree to a change: the administrators, and who holds the post that the policy names."""
    organisation, today = facts.organisation, facts.today
    found = {person.person_id for person in organisation.people} & {
        post.person_id for post in organisation.posts if Duty.ADMIN in post.duties and post.holds_on(today)
    }
    if facts.policy.agreed_by is not None:
        found |= set(organisation.holders(facts.policy.agreed_by, today))
    return frozenset(found)


def must_read(change: ProposedChange, person: str, facts: Facts, concerned: Sequence[str]) -> None:
    """Personnel matters are seen by who proposed, may agree, or is concerned as a head.

    Raises:
        DomainError: `unknown_change` for everybody else.
    """
    if person != change.proposed_by and person not in seconds(facts) and person not in concerned:
        raise not_found("unknown_change", change=change.change_id)


def must_agree(change: ProposedChange, person: str, facts: Facts, *, by_token_of: str | None) -> None:
    """Whether a person may agree to a change.

    Raises:
        DomainError: `change_closed`; `own_change`; `not_yours_to_agree`; `token_of_another`.
    """
    _must_be_open(change)
    if not _is_another(person, change):
        raise forbidden("own_change")
    _must_be_a_second(person, facts, by_token_of)


def may_agree(change: ProposedChange, person: str, facts: Facts) -> bool:
    """Whether a person, who came in by their own means, may agree."""
    return change.outcome is None and _is_another(person, change) and person in seconds(facts)


def may_withdraw(change: ProposedChange, person: str, facts: Facts) -> bool:
    """Whether a person, who came in by their own means, may withdraw it."""
    return change.outcome is None and (person == change.proposed_by or person in seconds(facts))


def must_withdraw(change: ProposedChange, person: str, facts: Facts, *, by_token_of: str | None) -> None:
    """Whether a person may withdraw a change: who proposed it, or whoever could agree to it.

    Raises:
        DomainError: `change_closed`; `not_yours_to_agree`; `token_of_another`.
    """
    _must_be_open(change)
    if person != change.proposed_by:
        _must_be_a_second(person, facts, by_token_of)


def must_be_their_own(by: str, *, by_token_of: str | None) -> None:
    """An emergency is claimed by a person who came in by their own means: nobody else was asked.

    Raises:
        DomainError: `token_of_another`.
    """
    if by_token_of is not None or service_of(by) is not None:
        raise forbidden("token_of_another")


def is_due(change: ProposedChange, now: datetime, today: date) -> bool:
    """Whether its day has come: tomorrow's, and at least a day and night after it was proposed."""
    return today >= change.takes_effect and now >= change.proposed_at + A_DAY


def _is_another(person: str, change: ProposedChange) -> bool:
    """Whether a person is a second one; a program is nobody without whoever made its token."""
    program = service_of(change.proposed_by) is not None and change.by_token_of is None
    return not program and person not in {change.proposed_by, change.by_token_of}


def _must_be_open(change: ProposedChange) -> None:
    if change.outcome is not None:
        raise conflict("change_closed", outcome=change.outcome.value)


def _must_be_a_second(person: str, facts: Facts, by_token_of: str | None) -> None:
    if person not in seconds(facts):
        raise forbidden("not_yours_to_agree")
    if by_token_of is not None:
        raise forbidden("token_of_another")
