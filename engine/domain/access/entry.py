"""A person without a post today is not let in, whatever they hold: a token, a visit, a calendar's address.

Asked on the day, so that a leaver's things end that day by themselves, and a return opens them again.
"""

from datetime import date

from engine.domain.organisation.organisation import Organisation


def kept_out(organisation: Organisation, person_id: str, on: date) -> str | None:
    """Why a person is not let in on that day: `unknown_caller`, `no_post_today`; None when they are."""
    if organisation.person(person_id) is None:
        return "unknown_caller"
    return None if organisation.posts_of(person_id, on) else "no_post_today"
