"""The drawing's colours on paper; on a screen `static/drawing.css` may darken them. Every state has a pattern too."""

from api.web.spiral.model import EffectState, QuarterState
from engine.domain.lineage.edges import EdgeKind
from engine.domain.steps import Step

INK, PAPER, LINE = "#1c2733", "#ffffff", "#8a94a0"
STEPS = {
    Step.IMAGINE: "#6a3f94",
    Step.TRANSFORM: "#23407a",
    Step.REALISE: "#2c5e37",
    Step.SHARE: "#9a4612",
}
"""A finished quarter has its step's colour."""
STATES = {
    QuarterState.DONE: INK,
    QuarterState.OWNER: "#e0a020",
    QuarterState.APPROVER: "#5a4fcf",
    QuarterState.OVERDUE: "#c02a1e",
    QuarterState.HELD: "#7d7390",
    QuarterState.AHEAD: "#eef1f4",
    QuarterState.ENDED: "#9aa2ab",
}
LINKS = {
    EdgeKind.EXPAND: "",
    EdgeKind.RETRY: "2 4",
    EdgeKind.SUSTAIN: "10 4",
    EdgeKind.JOIN: "1 5",
    EdgeKind.ADOPT: "7 5",
}
"""How a way between two spirals is dashed."""
LETTER = 11.0
"""Height of the texts along a band, in user units."""


def fits(text: str, room: float) -> bool:
    """Whether a text stands in some room: a Japanese sign is as wide as high, a Latin one about half as wide."""
    return sum(LETTER if ord(sign) > 0x2E80 else LETTER * 0.58 for sign in text) <= room


def fill(state: QuarterState, step: Step) -> str:
    """A quarter's colour: its step's when it is done, else its state's."""
    return STEPS[step] if state is QuarterState.DONE else STATES[state]


def ink(state: QuarterState) -> str:
    """The colour of what is written on a quarter."""
    return INK if state in {QuarterState.OWNER, QuarterState.AHEAD, QuarterState.ENDED} else PAPER


def bead(state: EffectState, x: float, y: float, size: float = 5.0) -> str:
    """The effect's sign as a path to be filled: 〇 better, × worse, = the same, … not measured.

    No triangles: in a Japanese budget ▲ means minus.
    """
    match state:
        case EffectState.BETTER:
            return f"{_disc(x, y, size)}{_disc(x, y, size * 0.55, back=True)}"
        case EffectState.WORSE:
            arm, waist = size * 0.9, size * 0.34
            corners = ((-arm, -arm), (0.0, -waist), (arm, -arm), (waist, 0.0), (arm, arm), (0.0, waist), (-arm, arm))
            ends = "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in (*corners, (-waist, 0.0)))
            return f"M{ends}z"
        case EffectState.SAME:
            bars = (f"M{x - size:.1f} {y + dy:.1f}h{2 * size:.1f}v{size * 0.5:.1f}h{-2 * size:.1f}z"
                    for dy in (-size * 0.75, size * 0.25))  # fmt: skip
            return "".join(bars)
        case EffectState.UNMEASURED:
            return "".join(_disc(x + dx, y, size * 0.26) for dx in (-size * 0.8, 0.0, size * 0.8))


def _disc(x: float, y: float, radius: float, *, back: bool = False) -> str:
    way = 0 if back else 1
    return (
        f"M{x - radius:.1f} {y:.1f}a{radius:.1f} {radius:.1f} 0 1 {way} {2 * radius:.1f} 0"
        f"a{radius:.1f} {radius:.1f} 0 1 {way} {-2 * radius:.1f} 0z"
    )
