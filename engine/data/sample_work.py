"""The invented initiatives of the sample city (サンプル): who starts what, hands what in, and says what, in order.

It is data under `engine/data/sample-city`: what the sample people could do themselves. `TODAY`, `TODAY+30` and
`TODAY-30` in these files are days counted from the one given. Must not know how commands reach the engine.
"""

import re
from datetime import date, timedelta
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from engine.domain.cycle import commands as c
from engine.domain.deliverables import Deliverable, Deliverables, step_of
from engine.domain.deliverables.imagine import Imagine
from engine.domain.deliverables.realise import Realise
from engine.domain.deliverables.required import is_empty
from engine.domain.deliverables.share import Share
from engine.domain.deliverables.transform import Transform
from engine.domain.ledger.facts import Grade, OfferAnswer
from engine.domain.lineage.open_cycle import InitiativeAsked
from engine.domain.organisation.organisation import Absence
from engine.domain.review.review import Action
from engine.domain.roadmap import Edition
from engine.domain.spread.offers import adopt_cycle, offer_id
from engine.exchange.document_import import read_document

Document = TypeVar("Document", bound=BaseModel)
_PLACE = "data/sample-city"
_DAY = re.compile(r"\bTODAY(?P<days>[+-]\d{1,4})?\b")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HandIn(_Value):
    """The owner drafts one step and, unless told otherwise, submits it; those named approve, in that order."""

    imagine: Imagine | None = None
    transform: Transform | None = None
    realise: Realise | None = None
    share: Share | None = None
    submit: bool = True
    message: str | None = None
    approved_by: tuple[str, ...] = ()

    @property
    def deliverable(self) -> Deliverable:
        """The one step that is given."""
        (found,) = (one for one in (self.imagine, self.transform, self.realise, self.share) if one is not None)
        return found


class Judgement(_Value):
    """What a decider says to the round under way."""

    by: str
    action: Action
    reason: str | None = None
    conditions: tuple[c.ConditionAsked, ...] = ()
    hold_until: date | None = None
    return_to: str | None = None


class PlayedWords(_Value):
    by: str
    text: str


class Answer(_Value):
    """What a receiving unit says to an offer of this cycle's case."""

    by: str
    org_unit: str
    answer: OfferAnswer
    reason: str | None = None
    owner: str | None = None


class PlayedDecision(_Value):
    decide: Judgement


class PlayedComment(_Value):
    comment: PlayedWords


class Questioned(_Value):
    ask: PlayedWords


class PlayedPullBack(_Value):
    pull_back: Literal[True]


class Withdrawn(_Value):
    withdraw: str = Field(description="the owner's reason")


class PlayedAnswer(_Value):
    answer_offer: Answer


_FORMS = tuple(step.value for step in Deliverables.MODELS)
_KINDS = ("decide", "comment", "ask", "pull_back", "withdraw", "answer_offer")


def _kind(value: object) -> str | None:
    """Which act a part of a file is, from the key that only this kind has."""
    names = value.keys() if isinstance(value, dict) else ()
    if any(form in names for form in _FORMS):
        return "hand_in"
    return next((name for name in _KINDS if name in names), None)


Act = Annotated[
    Annotated[HandIn, Tag("hand_in")]
    | Annotated[PlayedDecision, Tag("decide")]
    | Annotated[PlayedComment, Tag("comment")]
    | Annotated[Questioned, Tag("ask")]
    | Annotated[PlayedPullBack, Tag("pull_back")]
    | Annotated[Withdrawn, Tag("withdraw")]
    | Annotated[PlayedAnswer, Tag("answer_offer")],
    Discriminator(_kind),
]


class PlayedRing(_Value):
    """What happens in one cycle.

    Args:
        at: which one, as its place below the first: empty, `1`, `1.2`.
        taken_over_by: the unit that took over the case of `at`; then it is that unit's own first cycle.
        owner: whose cycle it is.
    """

    at: str = ""
    taken_over_by: str | None = None
    owner: str
    acts: Annotated[tuple[Act, ...], Field(min_length=1)]

    def cycle(self, first: str) -> str:
        """The cycle's id, where the initiative begins with `first`."""
        here = f"{first}.{self.at}" if self.at else first
        return adopt_cycle(offer_id(here, self.taken_over_by)) if self.taken_over_by else here

    def joins(self, cycle: str) -> bool:
        """Whether its Share flows into that cycle."""
        shares = (act.share for act in self.acts if isinstance(act, HandIn) and act.share is not None)
        return any(following.join == cycle for share in shares for following in share.next)


class PlayedStory(_Value):
    """One invented initiative; its rings are played one after the other."""

    key: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]
    asked: InitiativeAsked
    rings: Annotated[tuple[PlayedRing, ...], Field(min_length=1)]

    @property
    def initiative(self) -> str:
        """Its id."""
        return f"sample-{self.key}"

    @property
    def first(self) -> str:
        """Its first cycle's id."""
        return f"{self.initiative}-1"


class PlayedReport(_Value):
    """A milestone report of the DX team."""

    startup: str
    milestone: str
    by: str
    grade: Grade
    note: str | None = None
    done_on: date | None = None


class Around(_Value):
    """What happens beside the initiatives."""

    absences: tuple[Absence, ...] = ()
    reports: tuple[PlayedReport, ...] = ()


class _Stories(_Value):
    initiatives: Annotated[tuple[PlayedStory, ...], Field(min_length=1)]


def sample_stories(today: date) -> tuple[PlayedStory, ...]:
    """The invented initiatives as seen from that day, in the order of their files; usual fields are filled in."""
    usual = _read(_place() / "usual.yaml", Deliverables, today)
    texts = sorted((_place() / "initiatives").iterdir(), key=lambda one: one.name)
    stories = [story for one in texts for story in _read(one, _Stories, today).initiatives]
    return tuple(_with_usual(story, usual) for story in stories)


def sample_around(today: date) -> Around:
    """Absences and milestone reports of the sample city as seen from that day."""
    return _read(_place() / "around.yaml", Around, today)


def sample_roadmap(today: date) -> Edition:
    """The invented roadmap of the sample city, its milestones set around that day."""
    return _read(_place() / "roadmap.yaml", Edition, today)


def _with_usual(story: PlayedStory, usual: Deliverables) -> PlayedStory:
    rings = tuple(
        ring.model_copy(update={"acts": tuple(_filled(act, usual) for act in ring.acts)}) for ring in story.rings
    )
    return story.model_copy(update={"rings": rings})


def _filled(act: Act, usual: Deliverables) -> Act:
    """A form that is handed in, with the usual where it says nothing; one that stays a draft is left as it is."""
    if not isinstance(act, HandIn) or not act.submit:
        return act
    given, step = act.deliverable, step_of(act.deliverable)
    same = usual.of(step)
    empty = {name: getattr(same, name) for name in type(given).model_fields if is_empty(getattr(given, name))}
    return act.model_copy(update={step.value: given.model_copy(update=empty)})


def _read(place: Traversable, model: type[Document], today: date) -> Document:
    with as_file(place) as path:
        return read_document(Path(path), model, prepared=lambda text: _on(today, text))


def _on(today: date, text: str) -> str:
    return _DAY.sub(lambda found: (today + timedelta(days=int(found["days"] or 0))).isoformat(), text)


def _place() -> Traversable:
    return files("engine").joinpath(_PLACE)
