"""An initiative's main line as a sign: the same winding as the large drawing, as strokes; from moments."""

from collections.abc import Sequence
from datetime import datetime

from api.web.spiral.geometry import SLIT, Spiral
from api.web.spiral.layout import quarter_state, spirals_of, width_of
from api.web.spiral.model import Parent, QuarterState, Ring, Value
from engine.domain.analytics.history import Moment
from engine.domain.lineage.edges import EdgeKind
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import ORDER, CycleKind, CycleStatus, Step, StepStatus

BETWEEN = SLIT * 1.4
"""Free space between two strokes, along the band."""
EDGE = 4.0


class Stroke(Value):
    """One quarter as a line along the middle of its band."""

    path: str
    width: float
    step: Step
    state: QuarterState


class Small(Value):
    """A spiral in a square box whose middle is (0, 0) and whose half side is `radius`."""

    radius: float
    strokes: tuple[Stroke, ...]
    last: Ring
    turns: int


def small(moments: Sequence[Moment], at: datetime) -> Small:
    """The sign of one initiative.

    Args:
        moments: where its cycles stand, at least one.
        at: what is due before this is overdue.
    """
    rings = [_ring(one, at) for one in sorted(moments, key=lambda one: (one.turn, one.created_at))]
    line = spirals_of(rings)[0]
    band = Spiral([width_of(ring) for ring in line])
    return Small(
        radius=round(band.radius + EDGE, 1),
        strokes=tuple(
            _stroke(band, turn, number, ring, step)
            for turn, ring in enumerate(line)
            for number, step in enumerate(ORDER)
        ),
        last=line[-1],
        turns=len(line),
    )


def _stroke(band: Spiral, turn: int, number: int, ring: Ring, step: Step) -> Stroke:
    slit = BETWEEN / 2 / (6.3 * (band.middle(turn, number / 4).distance))
    return Stroke(
        path=band.line(turn, number / 4 + slit, (number + 1) / 4 - slit),
        width=band.widths[turn],
        step=step,
        state=quarter_state(ring, step),
    )


def _ring(one: Moment, at: datetime) -> Ring:
    """The moment as a ring; a following cycle's id begins with the id of the one that it grew out of."""
    above, _, _ = one.cycle_id.rpartition(".")
    return Ring(
        cycle_id=one.cycle_id,
        initiative_id=one.initiative_id,
        title=one.title,
        kind=CycleKind(one.kind),
        org_scope=OrgScope(one.org_scope),
        work_scope=WorkScope(one.work_scope),
        status=CycleStatus(one.status),
        step=Step(one.step),
        step_status=StepStatus(one.step_status),
        waits_for=one.waits_for,
        overdue=one.due_at is not None and one.due_at < at,
        effect=one.hours_saved_per_year,
        parents=(Parent(cycle_id=above, link=EdgeKind.EXPAND),) if above else (),
    )
