"""From rings with parents to a drawing: which wind in one spiral, where each spiral stands, how they connect."""

from collections.abc import Iterable, Mapping, Sequence

from api.web.spiral.geometry import HOLE, Point, Spiral
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
from api.web.spiral.ways import APART, DrawnPlace, way
from engine.domain.lineage.edges import EdgeKind
from engine.domain.steps import ORDER, CycleStatus, Step

MARGIN = 46.0
"""Room around a spiral for the names of the steps and its title."""
NAMES = 92.0
"""Room beside the main spiral for the names of the steps, in either language."""
BEAD = 0.735
"""Where on its turn the sign of the effect stands: at the end of Realise."""
ROW = 1000.0
"""How wide a row of spirals below the main one grows before the next begins."""
LANE, LANES = 5.0, 4
"""From one way around a spiral to the next, and how many lie beside each other."""


def width_of(ring: Ring) -> float:
    """The band's width: it grows with both ladders, the organisation's more."""
    return 16.0 + 6.0 * (ring.org_scope.rank - 1) + 3.0 * (ring.work_scope.rank - 1)


def drawn(rings: Sequence[Ring]) -> Drawing:
    """The drawing of a lineage; rings whose parents are not among them begin a spiral of their own."""
    lines = spirals_of(rings)
    spirals = _placed([_spiral(line) for line in lines])
    places = {ring.ring.cycle_id: (spiral, index) for spiral in spirals for index, ring in enumerate(spiral.rings)}
    bands = {id(spiral): Spiral([width_of(one.ring) for one in spiral.rings]) for spiral in spirals}
    ways = [
        (parent.link, places[parent.cycle_id], places[ring.cycle_id])
        for ring in rings
        for parent in ring.parents
        if parent.cycle_id in places and not _follows(places[parent.cycle_id], places[ring.cycle_id])
    ]
    connectors = [_connector(*one, bands, lane % LANES) for lane, one in enumerate(ways)]
    return Drawing(
        width=max(
            (one.centre.x + one.radius + (MARGIN if index else NAMES) for index, one in enumerate(spirals)),
            default=2 * MARGIN,
        ),
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
                Quarter(
                    step=step,
                    state=quarter_state(ring, step),
                    path=band.quarter(turn, index),
                    reading=band.reading(turn, index),
                    length=band.length(turn, index),
                )
                for index, step in enumerate(ORDER)
            ),
            bead=Bead(at=band.middle(turn, BEAD), state=effect_state(ring.effect), hours=ring.effect),
        )
        for turn, ring in enumerate(line)
    )
    return DrawnSpiral(
        rings=rings, centre=Point(x=0, y=0), radius=band.radius, title=line[0].title,
        initiative_id=line[0].initiative_id, trail=band.trail(_come(line)),
    )  # fmt: skip


def _come(line: Sequence[Ring]) -> float:
    """How many turns the work has come; into the middle of the quarter it stands in."""
    last = line[-1]
    within = 1.0 if last.status is CycleStatus.COMPLETED else (last.step.rank - 0.5) / 4
    return len(line) - 1 + within


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
    """The main one on top, the others in rows below it; every row in the middle."""
    rows: list[list[DrawnSpiral]] = []
    wide = max([ROW, *(2 * (one.radius + NAMES) for one in spirals[:1])])
    for index, spiral in enumerate(spirals):
        fits = index > 1 and sum(_side(one) for one in rows[-1]) + _side(spiral) <= wide
        if fits:
            rows[-1].append(spiral)
        else:
            rows.append([spiral])
    middle = max((sum(_side(one) for one in row) for row in rows), default=0.0) / 2
    middle = max([middle, *(one.radius + NAMES for one in spirals[:1])])
    placed: list[DrawnSpiral] = []
    top = 0.0
    for row in rows:
        left = middle - sum(_side(one) for one in row) / 2
        for spiral in row:
            half = _side(spiral) / 2
            placed.append(spiral.model_copy(update={"centre": Point(x=left + half, y=top + half)}))
            left += 2 * half
        top += max(_side(one) for one in row)
    return placed


def _side(spiral: DrawnSpiral) -> float:
    return 2 * (spiral.radius + MARGIN)


def _follows(parent: tuple[DrawnSpiral, int], child: tuple[DrawnSpiral, int]) -> bool:
    return parent[0] is child[0] and child[1] == parent[1] + 1


def _connector(
    link: EdgeKind,
    source: tuple[DrawnSpiral, int],
    target: tuple[DrawnSpiral, int],
    bands: Mapping[int, Spiral],
    lane: int,
) -> Connector:
    """From the end of the parent's Share to the child's beginning; to the middle of a spiral that begins with it."""
    begin, turn = source
    end, into = target
    out = bands[id(begin)].outside(turn, 1.0, 0).distance
    beyond = APART + LANE * lane
    seam = bands[id(end)].outside(into, 0.0, 0).distance if link is EdgeKind.JOIN or into else HOLE * 0.4
    return Connector(
        link=link,
        source=begin.rings[turn].ring.cycle_id,
        target=end.rings[into].ring.cycle_id,
        path=way(
            DrawnPlace(begin.centre, begin.radius, out, beyond), DrawnPlace(end.centre, end.radius, seam, beyond)
        ),
    )
