"""A person's due dates as iCalendar, and the secret address at which a calendar program finds them."""

from api.container import Desk
from engine.contracts.lists import CycleFilter
from engine.domain.access.entry import kept_out
from engine.domain.access.reading import clearance_of
from engine.domain.errors import not_found
from engine.domain.review.facts import Facts
from engine.language.catalogues import Language
from engine.sheets import icalendar as feeds

MOST = 500
"""Own cycles that are looked at, the newest first."""


def dates_of(person: str, facts: Facts, language: Language, desk: Desk) -> bytes:
    """What waits for their decision, and the due dates of their own cycles, as iCalendar."""
    waiting = desk.work.inbox(person, facts)
    found = desk.reader.on_record().cycles(CycleFilter(owner=person), MOST, clearance_of(person, facts))
    dues = [*feeds.decisions(waiting, language), *feeds.own((one.state for one in found), person, language)]
    return feeds.calendar(dues, language)


def make(person: str, base: str, desk: Desk) -> str:
    """A secret address for a calendar program; an earlier one ends. Only its hash is kept.

    Args:
        person: whose dates.
        base: where we are reached, unless the installation says.
        desk: of the installation.
    """
    token = desk.calendar_feeds.make(person, desk.directory.now())
    return f"{desk.settings.link_url or base.rstrip('/')}/api/v1/calendar/{token}.ics"


def end(person: str, desk: Desk) -> None:
    """Ends the secret address of a person."""
    desk.calendar_feeds.end(person)


def at(token: str, desk: Desk) -> bytes:
    """The dates at a secret address, in the person's own language.

    Raises:
        DomainError: `not_found`: it is nobody's, or its person is not let in today.
    """
    person_id = desk.calendar_feeds.person_of(token)
    facts = desk.directory.facts()
    person = facts.organisation.person(person_id) if person_id else None
    if person is None or kept_out(facts.organisation, person.person_id, facts.today):
        raise not_found("not_found")
    return dates_of(person.person_id, facts, person.locale, desk)
