"""How far the spiral has spread: over the ladder, over the offices, over the staff; and the stories to tell."""

from collections.abc import Hashable, Iterable

from engine.domain.analytics.figure import Figure, rate
from engine.domain.analytics.history import Moment
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.tallies import Tallies
from engine.domain.base import Frozen
from engine.domain.cycle.state import CycleState
from engine.domain.organisation.organisation import Organisation, UnitLevel
from engine.domain.scope import OrgScope, WorkScope

STORIES = 3
STORY_RULE = (
    "shared, public, judged achieved or partial, with measured hours above zero; the most satisfied citizens first "
    "(unasked last), then the most hours; one of each initiative; never filled up"
)


class Rung(Frozen):
    """One rung of a ladder."""

    rung: str
    open: int
    completed: int


class Furthest(Frozen):
    """The completed cycle that stands highest: by 範囲, then 規模, then turn."""

    cycle_id: str
    initiative_id: str
    title: str
    org_scope: str
    work_scope: str
    turn: int


class Reach(Frozen):
    """Offices of one level, with those that have no initiative in or below them."""

    level: UnitLevel
    with_any: Figure
    none: tuple[str, ...]


class Staff(Frozen):
    """People who hold a post in the offices asked for, and how many of them own or owned a cycle."""

    involved: Figure
    people: int
    not_involved: int


class SpreadFigures(Frozen):
    org_scope: tuple[Rung, ...]
    work_scope: tuple[Rung, ...]
    turns: tuple[Rung, ...]
    furthest: Furthest | None
    offices: tuple[Reach, ...]
    staff: Staff
    unnamed: int = 0


class Story(Frozen):
    """A result to tell citizens, all of it measured."""

    cycle_id: str
    initiative_id: str
    title: str
    org_unit: str
    summary: str | None
    before: str | None
    after: str | None
    hours_saved_per_year: float | None
    citizen_score: float | None
    voices: tuple[str, ...]


class Stories(Frozen):
    rule: str = STORY_RULE
    items: tuple[Story, ...]
    unnamed: int = 0


def spread_figures(tallies: Tallies, organisation: Organisation, wanted: FiguresWanted) -> SpreadFigures:
    """How far these cycles reach, on the day of the question."""
    highest = tallies.moment(first[0][-1]) if (first := tallies.values("furthest")) else None
    return SpreadFigures(
        org_scope=_rungs(tallies, "org_rung", OrgScope),
        work_scope=_rungs(tallies, "work_rung", WorkScope),
        turns=_rungs(tallies, "turn_rung", sorted(tallies.counts("turn"))),
        furthest=None
        if highest is None
        else Furthest(
            cycle_id=highest.cycle_id,
            initiative_id=highest.initiative_id,
            title=highest.title,
            org_scope=highest.org_scope,
            work_scope=highest.work_scope,
            turn=highest.turn,
        ),
        offices=offices(tallies, organisation, wanted),
        staff=staff(tallies, organisation, wanted),
    )


def offices(tallies: Tallies, organisation: Organisation, wanted: FiguresWanted) -> tuple[Reach, ...]:
    """Which departments, sections and units have an initiative in or below them, and which have none."""
    reached: set[str] = set()
    for code in tallies.counts("org_unit"):
        reached |= {code, *(unit.code for unit in organisation.ancestors(code))}
    found = []
    for level in (UnitLevel.DEPARTMENT, UnitLevel.SECTION, UnitLevel.UNIT):
        codes = [
            unit.code
            for unit in organisation.units
            if unit.level is level and (wanted.org_units is None or unit.code in wanted.org_units)
        ]
        none = tuple(sorted(code for code in codes if code not in reached))
        found.append(Reach(level=level, with_any=rate(len(codes) - len(none), len(codes)), none=none))
    return tuple(found)


def staff(tallies: Tallies, organisation: Organisation, wanted: FiguresWanted) -> Staff:
    """Who takes part as an owner."""
    people = {
        post.person_id
        for post in organisation.posts
        if post.holds_on(wanted.today) and (wanted.org_units is None or post.unit_code in wanted.org_units)
    }
    involved = people & tallies.counts("owner").keys()
    return Staff(
        involved=rate(len(involved), len(people)), people=len(people), not_involved=len(people) - len(involved)
    )


def story_candidates(tallies: Tallies) -> tuple[Moment, ...]:
    """The cycles whose stories are told, by `STORY_RULE`."""
    found: dict[str, Moment] = {}
    for *_, cycle in tallies.values("story"):
        one = tallies.moment(cycle)
        found.setdefault(one.initiative_id, one)
        if len(found) == STORIES:
            break
    return tuple(found.values())


def story(state: CycleState, score: float | None) -> Story:
    """The story of a completed cycle, in the words of its own case sheet."""
    case, realise = state.deliverables.share.case, state.deliverables.realise
    return Story(
        cycle_id=state.cycle_id,
        initiative_id=state.initiative_id,
        title=state.title,
        org_unit=state.org_unit,
        summary=case.summary if case else None,
        before=case.before if case else None,
        after=case.after if case else None,
        hours_saved_per_year=state.effects.hours_saved_per_year,
        citizen_score=score,
        voices=tuple(one.text for one in realise.voices if one.text and one.who and one.who.value == "citizen")[:3],
    )


def _rungs(tallies: Tallies, name: str, rungs: Iterable[Hashable]) -> tuple[Rung, ...]:
    found = tallies.counts(name)
    return tuple(Rung(rung=str(one), open=found[one, "open"], completed=found[one, "completed"]) for one in rungs)
