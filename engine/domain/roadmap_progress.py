"""How far the initiatives under a startup have come: derived from their steps, never typed in."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from engine.domain.approvals import Frozen
from engine.domain.figures.measure import Figure, rate
from engine.domain.history import Moment

_ENDED = ("rejected", "withdrawn")


class InitiativeProgress(Frozen):
    """One spiral: its newest cycle, and the steps that all its cycles have passed, of those they will have."""

    id: str
    title: str
    cycles: int
    newest_cycle: str
    status: str
    step: str
    org_scope: str
    steps_passed: int
    steps: int


def initiatives_under(moments: Iterable[Moment]) -> dict[str, tuple[InitiativeProgress, ...]]:
    """The initiatives under each startup's code, in order of id; cycles that were given up count for nothing."""
    spirals: dict[str, list[Moment]] = defaultdict(list)
    for one in moments:
        spirals[one.initiative_id].append(one)
    found: dict[str, list[InitiativeProgress]] = defaultdict(list)
    for name in sorted(spirals):
        rings = sorted(spirals[name], key=lambda one: (one.turn, one.created_at, one.cycle_id))
        if rings[-1].startup is not None:
            found[rings[-1].startup].append(_progress(rings))
    return {code: tuple(initiatives) for code, initiatives in found.items()}


def progress_of(initiatives: Sequence[InitiativeProgress]) -> Figure:
    """Steps passed of all steps, in percent; unknown while there is nothing to pass."""
    return rate(sum(one.steps_passed for one in initiatives), sum(one.steps for one in initiatives))


def _progress(rings: Sequence[Moment]) -> InitiativeProgress:
    newest, standing = rings[-1], [one for one in rings if one.status not in _ENDED]
    return InitiativeProgress(
        id=newest.initiative_id,
        title=newest.title,
        cycles=len(rings),
        newest_cycle=newest.cycle_id,
        status=newest.status,
        step=newest.step,
        org_scope=newest.org_scope,
        steps_passed=sum(one.steps_passed for one in standing),
        steps=4 * len(standing),
    )
