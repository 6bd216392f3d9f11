"""From rings with parents to a drawing: which wind in one spiral, where each spiral stands, how they connect."""

from collections.abc import Iterable, Mapping, Sequence

from api.web.spiral.geometry import Point, Spiral
from api.web.spiral.model import (
    Bead,
    Connector,
    Drawing,
    DrawnRing,
    DrawnSpiral,
    EffectState,
    Quarter,
    QuarterState,
    Ring,
)
from engine.domain.lineage import EdgeKind
from engine.domain.steps import ORDER, CycleStatus, Step

MARGIN = 46.0
"""Room around a spiral for the names of the steps and its title."""
LABEL = 13.0
"""How far along the band, from its beginning, the sign of the scope stands."""
ROW = 1180.0
"""How wide a row of spirals grows before the next begins."""


def width_of(ring: Ring) -> float:
    """The band's width: it grows with both ladders, the organisation's more."""
    return 16.0 + 6.0 * (ring.org_scope.rank - 1) + 3.0 * (ring.work_scope.rank - 1)


def drawn(rings: Sequence[Ring]) -> Drawing:
    """The drawing of a lineage; rings whose parents are not among them begin a spiral of their own."""
    lines = spirals_of(rings)
    spirals = _placed([_spiral(line) for line in lines])
    places = {ring.ring.cycle_id: (spiral, index) for spiral in spirals for index, ring in enumerate(spiral.rings)}
    bands = {id(spiral): Spiral([width_of(one.ring) for one in spiral.rings]) for spiral in spirals}
    connectors = [
        _connector(parent.link, places[parent.cycle_id], places[ring.cycle_id], bands)
        for ring in rings
        for parent in ring.parents
        if parent.cycle_id in places and not _follows(places[parent.cycle_id], places[ring.cycle_id])
    ]
    return Drawing(
        width=max((one.centre.x + one.radius + MARGIN for one in spirals), default=2 * MARGIN),
        height=max((one.centre.y + one.radius + MARGIN for one in spirals), default=2 * MARGIN),
        spirals=tuple(spirals),
        connectors=tuple(connectors),
    )


def spirals_of(rings: Sequence[Ring]) -> list[tuple[Ring, ...]]:
    """Rings that wind in one spiral, the main one first.

    A ring goes on in its first parent's spiral when it is that parent's best successor: same initiative, not adopted,
    and with the longest line behind it. All others begin a spiral of their own.
    """
    known = {ring.cycle_id: ring for ring in rings}
    children: dict[str, list[Ring]] = {name: [] for name in known}
    for ring in rings:
        for parent in ring.parents:
            if parent.cycle_id in known and parent.link not in {EdgeKind.ADOPT, EdgeKind.JOIN}:
                children[parent.cycle_id].append(ring)
    depth: dict[str, int] = {}
    for ring in _children_first(known, children):
        depth[ring.cycle_id] = 1 + max((depth[one.cycle_id] for one in children[ring.cycle_id]), default=0)
    goes_on = {
        name: max(following, key=lambda one: (depth[one.cycle_id], one.org_scope.rank, one.cycle_id))
        for name, following in children.items()
        if following
    }
    continued = {one.cycle_id for one in goes_on.values()}
    lines = [_line(ring, goes_on) for ring in rings if ring.cycle_id not in continued]
    first = rings[0].cycle_id if rings else ""
    return sorted(lines, key=lambda line: (line[0].cycle_id != first, -len(line), line[0].cycle_id))


def _children_first(known: Mapping[str, Ring], children: Mapping[str, Sequence[Ring]]) -> Iterable[Ring]:
    """Every ring after all its children; without recursion, because a spiral may be long."""
    done: set[str] = set()
    for root in known.values():
        stack = [(root, False)]
        while stack:
            ring, seen = stack.pop()
            if ring.cycle_id in done:
                continue
            if seen:
                done.add(ring.cycle_id)
                yield ring
                continue
            stack.append((ring, True))
            stack += [(child, False) for child in children[ring.cycle_id] if child.cycle_id not in done]


def _line(ring: Ring, goes_on: Mapping[str, Ring]) -> tuple[Ring, ...]:
    line = [ring]
    while (following := goes_on.get(line[-1].cycle_id)) is not None:
        line.append(following)
    return tuple(line)


def _spiral(line: Sequence[Ring]) -> DrawnSpiral:
    band = Spiral([width_of(ring) for ring in line])
    rings = tuple(
        DrawnRing(
            ring=ring,
            number=turn + 1,
            quarters=tuple(
                Quarter(step=step, state=quarter_state(ring, step), path=band.quarter(turn, index))
                for index, step in enumerate(ORDER)
            ),
            label_at=band.along(turn, LABEL),
            bead=Bead(at=band.middle(turn, 0.72), state=effect_state(ring.effect), hours=ring.effect),
        )
        for turn, ring in enumerate(line)
    )
    return DrawnSpiral(
        rings=rings, centre=Point(x=0, y=0), radius=band.radius, title=line[0].title,
        initiative_id=line[0].initiative_id,
    )  # fmt: skip


def quarter_state(ring: Ring, step: Step) -> QuarterState:
    """What one step of a ring shows."""
    if ring.status is CycleStatus.COMPLETED or step.rank < ring.step.rank:
        return QuarterState.DONE
    if not ring.status.is_open:
        return QuarterState.ENDED
    if step is not ring.step:
        return QuarterState.AHEAD
    if ring.status is CycleStatus.ON_HOLD:
        return QuarterState.HELD
    if ring.overdue:
        return QuarterState.OVERDUE
    return QuarterState.APPROVER if ring.waits_for == "approver" else QuarterState.OWNER


def effect_state(hours: float | None) -> EffectState:
    """Better, worse, the same, or not measured: never the one for the other."""
    if hours is None:
        return EffectState.UNMEASURED
    if hours == 0:
        return EffectState.SAME
    return EffectState.BETTER if hours > 0 else EffectState.WORSE


def _placed(spirals: Sequence[DrawnSpiral]) -> list[DrawnSpiral]:
    """The main one first, the others in columns beside it, as high as it is; what does not fit begins a row below."""
    placed: list[DrawnSpiral] = []
    left = right = top = bottom = high = 0.0  # of the column that is being filled; `high` is the row's height
    row = 0.0
    for spiral in spirals:
        side = 2 * (spiral.radius + MARGIN)
        if bottom > row and bottom + side > row + high:
            left, bottom = right, row
        if left > 0 and left + side > ROW:
            row, left, right, high = row + high, 0.0, 0.0, 0.0
            bottom = row
        top = bottom
        placed.append(spiral.model_copy(update={"centre": Point(x=left + side / 2, y=top + side / 2)}))
        right, bottom, high = max(right, left + side), top + side, max(high, top + side - row)
    return placed


def _follows(parent: tuple[DrawnSpiral, int], child: tuple[DrawnSpiral, int]) -> bool:
    return parent[0] is child[0] and child[1] == parent[1] + 1


def _connector(
    link: EdgeKind,
    source: tuple[DrawnSpiral, int],
    target: tuple[DrawnSpiral, int],
    bands: Mapping[int, Spiral],
) -> Connector:
    """From the end of the parent's Share to the child's beginning; to the middle of a spiral that begins with it."""
    begin_spiral, begin_turn = source
    end_spiral, end_turn = target
    begin = begin_spiral.centre.plus(bands[id(begin_spiral)].outside(begin_turn, 0.94, 0))
    into = (
        bands[id(end_spiral)].outside(end_turn, 0.12, 0) if link is EdgeKind.JOIN or end_turn else Point(x=0.0, y=0.0)
    )
    end = end_spiral.centre.plus(into)
    top = max(8.0, min(begin.y, end.y) - max(60.0, abs(end.x - begin.x) / 6))
    return Connector(
        link=link,
        source=begin_spiral.rings[begin_turn].ring.cycle_id,
        target=end_spiral.rings[end_turn].ring.cycle_id,
        path=(f"M{begin.x:.1f} {begin.y:.1f}C{begin.x:.1f} {top:.1f} {end.x:.1f} {top:.1f} {end.x:.1f} {end.y:.1f}"),
    )
