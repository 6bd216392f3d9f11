"""How far the spiral has spread: over the ladder, over the offices, over the staff; and the stories to tell."""

from collections.abc import Iterable, Sequence

from engine.domain.approvals import Frozen
from engine.domain.figures.measure import Figure, rate
from engine.domain.figures.wanted import OPEN, Wanted
from engine.domain.history import Moment
from engine.domain.organisation import Organisation, UnitLevel
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.state import CycleState

STORIES = 3
STORY_RULE = (
    "shared, public, judged achieved or partial, with measured hours above zero; the most satisfied citizens first "
    "(unasked last), then the most hours; one of each initiative; never filled up"
)
_RANK = {scope.value: scope.rank for scope in (*OrgScope, *WorkScope)}


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


def spread_figures(moments: Sequence[Moment], organisation: Organisation, wanted: Wanted) -> SpreadFigures:
    """How far these cycles reach, on the day of the question."""
    done = [one for one in moments if one.status == "completed"]
    highest = max(done, key=lambda one: (_RANK[one.org_scope], _RANK[one.work_scope], one.turn), default=None)
    return SpreadFigures(
        org_scope=_rungs(((one.org_scope, one) for one in moments), [one.value for one in OrgScope]),
        work_scope=_rungs(((one.work_scope, one) for one in moments), [one.value for one in WorkScope]),
        turns=_rungs(((str(one.turn), one) for one in moments), _turns(moments)),
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
        offices=offices(moments, organisation, wanted),
        staff=staff(moments, organisation, wanted),
    )


def offices(moments: Iterable[Moment], organisation: Organisation, wanted: Wanted) -> tuple[Reach, ...]:
    """Which departments, sections and units have an initiative in or below them, and which have none."""
    reached: set[str] = set()
    for code in {one.org_unit for one in moments}:
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


def staff(moments: Iterable[Moment], organisation: Organisation, wanted: Wanted) -> Staff:
    """Who takes part as an owner."""
    people = {
        post.person_id
        for post in organisation.posts
        if post.holds_on(wanted.today) and (wanted.org_units is None or post.unit_code in wanted.org_units)
    }
    involved = people & {one.owner for one in moments}
    return Staff(
        involved=rate(len(involved), len(people)), people=len(people), not_involved=len(people) - len(involved)
    )


def story_candidates(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """The cycles whose stories are told, by `STORY_RULE`."""
    told = [
        one
        for one in moments
        if one.status == "completed"
        and one.public_level == "public"
        and one.verdict in ("achieved", "partial")
        and (one.hours_saved_per_year or 0.0) > 0
    ]
    told.sort(key=lambda one: (-(one.citizen_score or 0.0), -(one.hours_saved_per_year or 0.0), one.cycle_id))
    first_of = {one.initiative_id: one for one in reversed(told)}
    return tuple(one for one in told if first_of[one.initiative_id] is one)[:STORIES]


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


def _rungs(pairs: Iterable[tuple[str, Moment]], names: Sequence[str]) -> tuple[Rung, ...]:
    found = {name: [0, 0] for name in names}
    for name, one in pairs:
        if one.status in OPEN:
            found[name][0] += 1
        elif one.status == "completed":
            found[name][1] += 1
    return tuple(Rung(rung=name, open=open_, completed=done) for name, (open_, done) in found.items())


def _turns(moments: Iterable[Moment]) -> list[str]:
    return [str(turn) for turn in sorted({one.turn for one in moments})]
