"""The adoption ledger for one person: who copied what, how fast, and with what effect."""

from datetime import datetime

from api.auth import Caller
from api.container import Desk
from api.http.paging import encoded, key_of
from api.schemas.adoption import AdoptionsView
from engine.domain.errors import not_found
from engine.domain.spread.adoption_ledger import Adoption, totals


def listed(caller: Caller, desk: Desk, *, limit: int, cursor: str | None) -> AdoptionsView:
    """Adoptions of cases that the caller may read, the newest first; the sums are over all there are."""
    found, after = desk.adoptions.all(), key_of(cursor)
    there = desk.reader.readable((one.case_id for one in found), caller.clearance)
    beyond = [one for one in found if one.case_id in there and (after is None or _key(one) < after)]
    following = None
    if len(beyond) > limit:
        at, name = _key(beyond[limit - 1])
        following = encoded((at.isoformat(), name))
    return AdoptionsView(items=beyond[:limit], totals=desk.adoptions.totals(), next_cursor=following)


def of_case(case: str, caller: Caller, desk: Desk) -> AdoptionsView:
    """Who copied one case, and who copied the copies.

    Raises:
        DomainError: `unknown_case`.
    """
    if desk.library.case(case, caller.clearance) is None:
        raise not_found("unknown_case", case=case)
    found = desk.adoptions.of(case)
    return AdoptionsView(items=found, totals=totals(found))


def _key(one: Adoption) -> tuple[datetime, str]:
    return one.at, one.offer_id or one.cycle_id or ""
