"""A city that has been at it for months: cycles in every state, written through the journal as real ones are.

A few hundred initiatives are played on the pure core, by the people of the sample city; each is written many times
under another name. Everything that a reader reads is made by the store itself, in the transaction that appends.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from engine.contracts.cycle import AppendAsk
from engine.contracts.documents import ORGANISATION, ROADMAP
from engine.data.shipped import SAMPLE_CITY, sample_organisation, shipped_edition
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import Event
from engine.domain.deliverables import Share
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.organisation.organisation import Organisation, PostRef, PostRole, UnitLevel
from engine.domain.review.review import Action
from engine.domain.roadmap import Edition, Governance, Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from engine.store.directory.directory import Directory
from engine.store.record.journal import Journal
from tests.domain.plays import Play
from tests.support import city

TEMPLATES = 240
SPARE = 3
"""Cycles of which the approval of the results is held back, to be given between two readings."""
BUSY = 300
"""Matters that wait for one manager in a large city."""
FIRST = datetime(2026, 8, 20, 0, 30, tzinfo=UTC)
WORDS = ("住民票", "保険証", "介護認定", "図書貸出", "道路占用", "水道開栓", "入札", "旅費精算", "会議録", "学童保育")
_ENDS = ("drafting", "in_review", "returned", "held", "rejected", "withdrawn", "completed", "grown")
_WEIGHTS = (22, 22, 6, 4, 3, 3, 25, 15)


@dataclass
class Seeded:
    """What the visitors of the bench need to know: who they are and what they open."""

    owner: str
    manager: str
    drafted: str
    gate: str
    initiative: str
    case: str
    mover: Play
    spare: list[Play] = field(default_factory=list)
    moves: int = 0

    def move(self, journal: Journal) -> None:
        """Somebody gives one command now: hands in, pulls back, and now and then approves results."""
        self.moves += 1
        approves = bool(self.spare) and self.moves % 8 == 1
        name, play = (f"r{len(self.spare) - 1}", self.spare.pop()) if approves else ("m", self.mover)
        before, play.at = len(play.events), datetime.now(UTC)
        if approves:
            play.approve()
        else:
            play.give(play.state.owner, c.Submit() if play.state.review is None else c.PullBack())
        assert not journal.append(_ask(name, play, before)).ahead


@dataclass(frozen=True)
class Template:
    """An initiative as it was played: its cycles' events, each with the place of the last command."""

    unit: str
    end: str
    plays: tuple[Play, ...]


def seed(database: Engine, cycles: int) -> Seeded:
    """Writes about `cycles` cycles; the same number gives the same city."""
    dice = random.Random(7)
    organisation, edition = sample_organisation(), shipped_edition()
    directory, journal = Directory(database), Journal(database)
    directory.import_document(ORGANISATION, SAMPLE_CITY, organisation, "bench")
    directory.import_document(ROADMAP, "edition", edition, "bench")
    busy = next(
        unit for unit in organisation.units if unit.level is UnitLevel.SECTION and _below(organisation, unit.code)
    )
    counter = _below(organisation, busy.code)[0]
    templates = [played(dice, organisation, edition) for _ in range(min(TEMPLATES, max(12, cycles)))]
    asked = {  # what the visitors open is there in both cities
        end: played(dice, organisation, edition, unit=counter, end=end) for end in ("drafting", "in_review", "grown")
    }
    found = {end: write(journal, f"x{end.replace('_', '')}", template) for end, template in asked.items()}
    written = sum(len(names) for names in found.values())
    for number in range(min(BUSY, cycles // 4)):
        written += len(write(journal, f"w{number}", asked["in_review"]))
    for number in range(cycles):
        if written >= cycles:
            break
        written += len(write(journal, f"b{number}", templates[number % len(templates)]))
    owner, manager = asked["drafting"].plays[0].state.owner, asked["in_review"].plays[0].deciders()[0]
    grown = found["grown"]
    mover = played(dice, organisation, edition, unit=counter, end="drafting").plays[0]
    write(journal, "m", Template(counter, "drafting", (mover,)))
    seeded = Seeded(
        owner=owner, manager=manager, drafted=found["drafting"][0], gate=found["in_review"][0],
        initiative=grown[0].rsplit("-", 1)[0], case=grown[0], mover=mover,
    )  # fmt: skip
    for number in range(SPARE):
        waiting = played(dice, organisation, edition, unit=counter, end="in_review", stop=Step.REALISE)
        write(journal, f"r{number}", waiting)
        seeded.spare += waiting.plays
    return seeded


def _below(organisation: Organisation, section: str) -> list[str]:
    return [unit.code for unit in organisation.units if unit.parent_code == section]


def played(  # noqa: PLR0913, PLR0917 - who, where, and how far
    dice: random.Random,
    organisation: Organisation,
    edition: Edition,
    unit: str = "",
    end: str = "",
    stop: Step | None = None,
) -> Template:
    """One initiative of some unit, played up to some end."""
    units = [one.code for one in organisation.units if one.level is UnitLevel.UNIT]
    unit, end = unit or dice.choice(units), end or dice.choices(_ENDS, _WEIGHTS)[0]
    people = [one.person_id for one in organisation.posts if one.unit_code == unit and one.role is PostRole.STAFF]
    owner = dice.choice(people or list(organisation.holders(PostRef(kind="head", unit=unit), FIRST.date())))
    at = FIRST + timedelta(days=dice.randrange(80), minutes=dice.randrange(300))
    startup = dice.choice([None, *(one for one in edition.startups if one.governance is Governance.SECTION_LED)])
    opened = open_initiative(
        InitiativeAsked(
            title="題", org_scope=OrgScope.UNIT, org_unit=unit, work_scope=dice.choice(list(WorkScope)[:2]),
            pillar=startup.pillar if startup else dice.choice(list(Pillar)),
            startup=startup.code if startup else None,
        ),
        initiative_id="i1", owner=owner, organisation=organisation, edition=edition, on=at.date(),
    )  # fmt: skip
    play = Play(opened=opened, owner=owner, organisation=organisation, at=at)
    if stop is None:
        stop = dice.choice(list(Step)) if end not in {"completed", "grown"} else Step.SHARE
    return Template(unit, end, _ended(play, end, stop, dice))


def _ended(play: Play, end: str, stop: Step, dice: random.Random) -> tuple[Play, ...]:
    minutes = dice.choice((4, 8, 12, 20, 34))
    sheets = {Step.IMAGINE: city.imagine(), Step.TRANSFORM: city.transform(), Step.REALISE: city.realise(minutes)}
    following = {"kind": "expand", "org_scope": "section", "work_scope": "project", "reason": "効いた"}
    sharing: Share = city.share(following) if end == "grown" else city.share()
    if end == "completed" and dice.random() < 0.3:
        units = [one.code for one in play.organisation.units if one.level is UnitLevel.UNIT]
        targets = tuple(dice.sample([one for one in units if one != play.state.org_unit], 2))
        sharing = sharing.model_copy(update={"spread_targets": targets})
    for step in Step:
        play.at += timedelta(days=dice.randrange(1, 3), minutes=dice.randrange(200))
        if step is stop and end == "drafting":
            play.draft(sheets.get(step, sharing))  # as older cycles hold it
            return (play,)
        if step is stop and end == "withdrawn":
            play.give(play.state.owner, c.Withdraw(reason="重なった"))
            return (play,)
        play.submit(sheets.get(step, sharing))
        play.at += timedelta(hours=dice.randrange(1, 30))
        if step is stop and end == "in_review":
            return (play,)
        if step is stop and end in {"returned", "held", "rejected"}:
            action = {"returned": Action.RETURN, "held": Action.HOLD, "rejected": Action.REJECT}[end]
            until = {"hold_until": (play.at + timedelta(days=300)).date()} if end == "held" else {}
            play.decide(action, reason="数字が古い", **until)
            return (play,)
        play.approve()
    if play.state.next_cycles:
        child = opening_of(play.state, play.state.next_cycles[0])
        return (play, Play(opened=child, owner=child.owner, organisation=play.organisation, at=play.at))
    return (play,)


def write(journal: Journal, name: str, template: Template) -> list[str]:
    """The template under another name; gives the names of its cycles."""
    found = []
    for play in template.plays:
        ask = _ask(name, play, 0)
        journal.append(ask)
        found.append(ask.cycle_id)
    return found


def _ask(name: str, play: Play, after: int) -> AppendAsk:
    cycle = play.state.cycle_id.replace("i1", name, 1)
    title = f"{WORDS[sum(name.encode()) % len(WORDS)]}の見直し {name}"
    return AppendAsk(
        cycle_id=cycle, after=after, events=tuple(_renamed(one, name, title) for one in play.events[after:])
    )


def _renamed(event: Event, name: str, title: str) -> Event:
    text = event.model_dump_json(by_alias=True).replace('"i1', f'"{name}').replace('"題"', f'"{title}"')
    found = Event.model_validate_json(text)
    return found.model_copy(update={"command_id": f"{name}/{found.command_id}"}) if found.command_id else found
