"""The adoption ledger: who took a case over, how fast, and whether its effect came again (docs/field/measuring.md).

The effect is compared by case volume (minutes saved for each case), so a small office and a large one are comparable;
unmeasured is None, and worse is negative.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

from engine.domain.base import Frozen

DAY = 86_400


class Adoption(Frozen):
    """One offer with what became of it, or a cycle that took a case over unasked.

    Args:
        depth: 1 for who copied the case itself, 2 for who copied an adopter, and so on.
        status: of the offer; `unsolicited` when nobody had offered it.
        days_to_answer: from the offer to its answer.
        days_to_adopt: from the offer, or the unasked start, to the completed adopt cycle.
        effect_replicated: adopter's minutes saved for each case by the original's; None until both are measured.
    """

    case_id: str
    org_unit: str
    offer_id: str | None = None
    status: str
    reason: str | None = None
    at: datetime
    days_to_answer: float | None = None
    cycle_id: str | None = None
    cycle_status: str | None = None
    days_to_adopt: float | None = None
    effect_replicated: float | None = None
    depth: int = 1


class Totals(Frozen):
    """Sums over adoptions; the rate is of answered offers, None while nobody has answered."""

    offers: int
    waiting: int
    adopted: int
    declined: int
    unsolicited: int
    completed: int
    adoption_rate: float | None
    median_days_to_answer: float | None
    median_days_to_adopt: float | None


def days(start: datetime, end: datetime | None) -> float | None:
    """Days between two instants."""
    return None if end is None else round((end - start).total_seconds() / DAY, 4)


def replicated(original: float | None, adopter: float | None) -> float | None:
    """The adopter's saving for each case by the original's; None when one is unmeasured or there was none to copy."""
    return None if not original or adopter is None else round(adopter / original, 4)


def totals(adoptions: Iterable[Adoption]) -> Totals:
    """The sums."""
    found = list(adoptions)
    taken = [one for one in found if one.status in {"accepted", "adapting"}]
    declined = [one for one in found if one.status == "declined"]
    answered = len(taken) + len(declined)
    return Totals(
        offers=sum(one.offer_id is not None for one in found),
        waiting=sum(one.status == "offered" for one in found),
        adopted=len(taken),
        declined=len(declined),
        unsolicited=sum(one.offer_id is None for one in found),
        completed=sum(one.cycle_status == "completed" for one in found),
        adoption_rate=round(len(taken) / answered, 4) if answered else None,
        median_days_to_answer=_median(one.days_to_answer for one in found),
        median_days_to_adopt=_median(one.days_to_adopt for one in found),
    )


def credited(case_id: str, adoptions: Sequence[Adoption], initiatives: Mapping[str, str]) -> list[Adoption]:
    """Who copied the case, and who copied the copies, nearest first; `initiatives` names each cycle's.

    An adopter's later rings are its initiative's, so a copy of any of them is a copy of the copy.
    """
    found: list[Adoption] = []
    sources, seen, depth = {case_id}, {case_id}, 1
    while sources:
        step = [one for one in adoptions if one.case_id in sources]
        found += [one.model_copy(update={"depth": depth}) for one in step]
        copies = {initiatives[one.cycle_id] for one in step if one.cycle_id and one.cycle_id in initiatives}
        sources = {cycle for cycle, initiative in initiatives.items() if initiative in copies} - seen
        seen |= sources
        depth += 1
    return found


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 4) if known else None
