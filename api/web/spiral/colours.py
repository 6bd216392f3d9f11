"""The drawing's colours on paper; on a screen `static/drawing.css` may darken them. Every state has a pattern too."""

from api.web.spiral.model import EffectState, QuarterState
from engine.domain.lineage import EdgeKind
from engine.domain.scope import OrgScope
from engine.domain.steps import Step

INK, PAPER, LINE = "#1c2733", "#ffffff", "#8a94a0"
STEPS = {
    Step.IMAGINE: "#2a5d8f",
    Step.TRANSFORM: "#14706e",
    Step.REALISE: "#4d7a22",
    Step.SHARE: "#a85a12",
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
BEADS = {
    EffectState.BETTER: "#ffffff",
    EffectState.WORSE: "#ffd9d4",
    EffectState.SAME: "#ffffff",
    EffectState.UNMEASURED: "none",
}
LINKS = {
    EdgeKind.EXPAND: "",
    EdgeKind.RETRY: "2 4",
    EdgeKind.SUSTAIN: "10 4",
    EdgeKind.JOIN: "1 5",
    EdgeKind.ADOPT: "7 5",
}
"""How a way between two spirals is dashed."""
GLYPHS = {
    OrgScope.INDIVIDUAL: ("人", "I"),
    OrgScope.UNIT: ("係", "U"),
    OrgScope.SECTION: ("課", "S"),
    OrgScope.DEPARTMENT: ("部", "D"),
    OrgScope.CITYWIDE: ("全", "C"),
}
"""The scope in one sign, Japanese and English."""


def fill(state: QuarterState, step: Step) -> str:
    """A quarter's colour: its step's when it is done, else its state's."""
    return STEPS[step] if state is QuarterState.DONE else STATES[state]


def bead(state: EffectState, x: float, y: float, size: float = 5.0) -> str:
    """The effect's sign as a path: a triangle up or down, a square, or a ring for what nobody measured."""
    match state:
        case EffectState.BETTER:
            return f"M{x:.1f} {y - size:.1f}l{size:.1f} {size * 1.7:.1f}h{-2 * size:.1f}z"
        case EffectState.WORSE:
            return f"M{x:.1f} {y + size:.1f}l{size:.1f} {-size * 1.7:.1f}h{-2 * size:.1f}z"
        case EffectState.SAME:
            side = size * 1.4
            return f"M{x - side / 2:.1f} {y - side / 2:.1f}h{side:.1f}v{side:.1f}h{-side:.1f}z"
        case EffectState.UNMEASURED:
            half = size * 0.8
            return (
                f"M{x - half:.1f} {y:.1f}a{half:.1f} {half:.1f} 0 1 0 {2 * half:.1f} 0"
                f"a{half:.1f} {half:.1f} 0 1 0 {-2 * half:.1f} 0z"
            )
