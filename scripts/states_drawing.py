"""Draw the states of a cycle and the moves between them, as an SVG made from the table of moves.

Only where each state stands on the paper is said here. A move that leads from every open state to one and the same is
drawn once, from the frame around them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.domain.moves.catalogue import arrows
from engine.domain.moves.table.moves import Move, Occasion
from engine.domain.moves.table.named_states import ENDED, OPEN, NamedState
from engine.domain.moves.table.rows import BEGINNINGS
from engine.language.enums import word

Thing = Move | Occasion
WIDTH, HEIGHT = 1290, 760
NODE = (150, 56)
FRAME = (40, 24, 850, 730)
"""Left, top, right and bottom of the open states."""
LINE = 19


class Place(NamedTuple):
    """The middle of something on the paper."""

    x: float
    y: float


PLACES: Mapping[NamedState, Place] = {
    NamedState.SLEEPING: Place(180, 90),
    NamedState.DRAFT: Place(180, 360),
    NamedState.IN_REVIEW: Place(590, 360),
    NamedState.HELD: Place(590, 90),
    NamedState.RETURNED: Place(590, 650),
    NamedState.COMPLETED: Place(1180, 200),
    NamedState.REJECTED: Place(1180, 520),
    NamedState.WITHDRAWN: Place(1180, 665),
}
STYLE = """
  .paper { fill: #fffdf8 } .ink { fill: #26323d } .soft { fill: #5a6875 } .line { stroke: #5a6875 }
  .open { fill: #e8f0f8; stroke: #2f6fb0 } .end { fill: #f3ece4; stroke: #8a5a2e } .frame { stroke: #9fb4c8 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #161b22 } .ink { fill: #e8edf2 } .soft { fill: #a9b5c0 } .line { stroke: #a9b5c0 }
    .open { fill: #1d2c3d; stroke: #7fb4ea } .end { fill: #33281c; stroke: #d8a878 } .frame { stroke: #4a5c70 }
  }
"""
TIP = (
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
    'orient="auto-start-reverse"><path class="soft" d="M0,0 L10,5 L0,10 z"/></marker></defs>'
)


def drawing() -> str:
    """The whole SVG."""
    between, out = _sorted()
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title desc" '
        "font-family=\"'Noto Sans JP','Hiragino Sans','Yu Gothic',Meiryo,sans-serif\">"
    )
    parts = [
        head,
        '<title id="title">周回の状態と操作 / the states of a cycle and the moves between them</title>',
        f'<desc id="desc">{_told(between, out)}</desc>',
        f"<style>{STYLE}</style>",
        TIP,
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="16"/>',
        *_frame(),
        *(line for (start, to), moves in between.items() for line in _arrow(start, to, moves)),
        *(line for to, moves in out.items() for line in _from_frame(PLACES[to], moves)),
        *(_beginning(PLACES[state]) for state in BEGINNINGS),
        *(line for state in NamedState for line in _node(state)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


Between = Mapping[tuple[NamedState, NamedState], Sequence[Thing]]
Out = Mapping[NamedState, Sequence[Thing]]


def _sorted() -> tuple[Between, Out]:
    """The moves from one state to another, and those that lead to a state from every open one."""
    starts: dict[tuple[Thing, NamedState], set[NamedState]] = {}
    for move, start, to in arrows():
        starts.setdefault((move, to), set()).add(start)
    everywhere = {key for key, found in starts.items() if found >= set(OPEN)}
    between: dict[tuple[NamedState, NamedState], list[Thing]] = {}
    for move, start, to in arrows():
        if (move, to) not in everywhere:
            between.setdefault((start, to), []).append(move)
    out: dict[NamedState, list[Thing]] = {}
    for move, to in sorted(everywhere):
        out.setdefault(to, []).append(move)
    return between, out


def _told(between: Between, out: Out) -> str:
    """The drawing in words."""
    ways = [
        f"{word(start, 'en')} to {word(to, 'en')}: {', '.join(word(one, 'en') for one in moves)}"
        for (start, to), moves in between.items()
    ]
    ways += [
        f"every open state to {word(to, 'en')}: {', '.join(word(one, 'en') for one in moves)}"
        for to, moves in out.items()
    ]
    begins = " or ".join(word(one, "en") for one in BEGINNINGS)
    return f"A cycle begins as {begins}; {'; '.join(ways)}."


def _node(state: NamedState) -> Iterator[str]:
    (x, y), (width, height) = PLACES[state], NODE
    kind = "end" if state in ENDED else "open"
    yield (
        f'<rect class="{kind}" stroke-width="2" x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width}" '
        f'height="{height}" rx="{height / 2:g}"/>'
    )
    yield (
        f'<text x="{x:g}" y="{y - 2:g}" text-anchor="middle"><tspan class="ink" font-size="18" font-weight="700">'
        f'{word(state, "ja")}</tspan><tspan class="soft" x="{x:g}" dy="19" font-size="14">{word(state, "en")}</tspan>'
        "</text>"
    )


def _frame() -> Iterator[str]:
    left, top, right, bottom = FRAME
    yield (
        f'<rect class="frame" fill="none" stroke-width="1.5" stroke-dasharray="6 5" x="{left}" y="{top}" '
        f'width="{right - left}" height="{bottom - top}" rx="24"/>'
    )
    yield (
        f'<text x="{left + 24}" y="{bottom - 20}" font-size="14"><tspan class="ink">終わっていない状態</tspan>'
        '<tspan class="soft" dx="6" font-size="12.5">open</tspan></text>'
    )


def _beginning(place: Place) -> str:
    edge = place.x - NODE[0] / 2
    return (
        f'<circle class="soft" cx="{edge - 38:g}" cy="{place.y:g}" r="6"/>'
        f'<path class="line" fill="none" stroke-width="2" marker-end="url(#tip)" '
        f'd="M{edge - 32:g},{place.y:g} H{edge - 2:g}"/>'
    )


def _from_frame(to: Place, moves: Sequence[Thing]) -> Iterator[str]:
    right, end = FRAME[2], to.x - NODE[0] / 2
    yield _path(f"M{right},{to.y:g} H{end - 2:g}")
    yield from _label(Place((right + end) / 2, to.y), Place(0, -1), moves)


def _arrow(first: NamedState, last: NamedState, moves: Sequence[Thing]) -> Iterator[str]:
    """A bow to the left of its way, so that the way back has its own; its words stand nearer to an end."""
    start, to = PLACES[first], PLACES[last]
    length = ((to.x - start.x) ** 2 + (to.y - start.y) ** 2) ** 0.5
    aside = Place((to.y - start.y) / length, (start.x - to.x) / length)
    bow = 40.0
    middle = Place((start.x + to.x) / 2 + aside.x * bow, (start.y + to.y) / 2 + aside.y * bow)
    begin, end = _edge(start, middle), _edge(to, middle)
    yield _path(f"M{begin.x:.0f},{begin.y:.0f} Q{middle.x:.0f},{middle.y:.0f} {end.x:.0f},{end.y:.0f}")
    along = 0.5 + 0.13 * ((last in ENDED) - (first in ENDED))
    weights = ((1 - along) ** 2, 2 * along * (1 - along), along**2)
    three = list(zip(weights, (begin, middle, end), strict=True))
    beside = Place(sum(weight * one.x for weight, one in three), sum(weight * one.y for weight, one in three))
    yield from _label(beside, aside, moves)


def _edge(node: Place, towards: Place) -> Place:
    """Where the way from the middle of a node towards a place leaves it."""
    across, down = towards.x - node.x, towards.y - node.y
    share = min(
        (NODE[0] / 2 + 3) / abs(across) if across else float("inf"),
        (NODE[1] / 2 + 3) / abs(down) if down else float("inf"),
    )
    return Place(node.x + across * share, node.y + down * share)


def _path(way: str) -> str:
    return f'<path class="line" fill="none" stroke-width="2" marker-end="url(#tip)" d="{way}"/>'


def _label(beside: Place, aside: Place, moves: Sequence[Thing]) -> Iterator[str]:
    """The names of moves, on that side of a place of their way."""
    wide = max(14 * len(word(one, "ja")) + 6.4 * len(word(one, "en")) for one in moves) + 16
    high = LINE * len(moves) + 6
    away = abs(aside.x) * wide / 2 + abs(aside.y) * high / 2 + 5
    middle = Place(beside.x + aside.x * away, beside.y + aside.y * away)
    yield (
        f'<rect class="paper" x="{middle.x - wide / 2:.0f}" y="{middle.y - high / 2:.0f}" width="{wide:.0f}" '
        f'height="{high}" rx="6"/>'
    )
    for number, one in enumerate(moves):
        y = middle.y - high / 2 + LINE * (number + 1) - 3
        yield (
            f'<text x="{middle.x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="14"><tspan class="ink">'
            f'{word(one, "ja")}</tspan><tspan class="soft" dx="6" font-size="12.5">{word(one, "en")}</tspan></text>'
        )
