"""決裁書 / 起案用紙: one submission with its route, who decided what for which post, and what was handed in."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from engine.domain.cycle import events as e
from engine.domain.cycle.events import Event
from engine.domain.cycle.state import CycleState, Decision, RetractedDecision
from engine.domain.cycle.versions import Outcome, Version, versions
from engine.domain.errors import not_found
from engine.domain.organisation.organisation import Organisation, PostRef, PostRole
from engine.domain.review import consultation as asides
from engine.domain.review.review import Action, Route, StageKind
from engine.language.catalogues import both
from engine.language.enums import word
from engine.language.fields import label
from engine.sheets.sheets import Grid, Line, Section, Sheet, Speech, lines_of

_OUTCOMES = {
    Outcome.IN_REVIEW: both("in review"),
    Outcome.APPROVED: both("approved"),
    Outcome.APPROVED_WITH_CONDITIONS: both("approved with conditions"),
    Outcome.RETURNED: both("returned"),
    Outcome.REJECTED: both("rejected"),
    Outcome.PULLED_BACK: both("pulled back"),
    Outcome.WITHDRAWN: both("withdrawn"),
}
HEAD = PostRole.HEAD
KINDS = ("部", "課", "係", "室", "局", "所", "市")
_ACTED = {
    "proxy": both("by proxy"),
    "pull_up": both("pulled up"),
    "escalation": both("escalated"),
}


def decision_sheet(  # noqa: PLR0913 - what stands on it
    state: CycleState,
    events: Sequence[Event],
    organisation: Organisation,
    speech: Speech,
    number: int | None = None,
    *,
    seal: tuple[datetime, str] | None = None,
) -> Sheet:
    """The sheet of one submission.

    Args:
        state: the cycle.
        events: all its events.
        organisation: names of persons and posts, as of today.
        speech: language and clock.
        number: which version; the newest unless said.
        seal: when the whole record was sealed last, and the seal's root; None when it never was.

    Raises:
        DomainError: `unknown_version` when nothing was handed in, or not that often.
    """
    every = versions(events)
    version = next((one for one in reversed(every) if number in (None, one.n)), None)
    if version is None:
        raise not_found("unknown_version", n=str(number or 1), last=str(len(every)))
    told = _Teller(state, events, organisation, speech, version)
    return Sheet(
        title=speech.choose(*both("Decision sheet")),
        subject=state.title,
        language=speech.language,
        number=f"{state.cycle_id} · {version.n}",
        sections=(
            told.head(),
            told.route(),
            *told.conditions(),
            *told.later(),
            Section(
                title=word(version.step, speech.language),
                lines=tuple(lines_of(version.deliverable, version.step.value, speech)),
            ),
            *_sealed(seal, speech),
        ),
    )


def _sealed(seal: tuple[datetime, str] | None, speech: Speech) -> Iterator[Section]:
    """The last seal: paper is a place that whoever can write to the database cannot reach."""
    if seal is None:
        return
    lines = (
        Line(label=speech.choose(*both("Sealed at")), text=speech.value(seal[0])),
        Line(label=speech.choose(*both("Root of the seal (SHA-256)")), text=seal[1]),
    )
    yield Section(title=speech.choose(*both("Seal of the whole record")), lines=lines)


class _Teller:
    def __init__(
        self,
        state: CycleState,
        events: Sequence[Event],
        organisation: Organisation,
        speech: Speech,
        version: Version,
    ) -> None:
        self._state = state
        self._events = events
        self._organisation = organisation
        self._speech = speech
        self._version = version
        self._route = next(
            (
                one.data.route
                for one in events
                if isinstance(one.data, e.StepSubmitted) and one.data.round == version.round
            ),
            None,
        )
        self._decisions = [one for one in state.decisions if one.round == version.round]
        self._retracted = [one for one in state.retracted if one.round == version.round]

    def head(self) -> Section:
        speech, state, version = self._speech, self._state, self._version
        decided = version.outcome_at if version.outcome is not Outcome.IN_REVIEW else None
        office = self._organisation.unit(state.org_unit)
        name = (office.name_ja if speech.language == "ja" else office.name_en or office.name_ja) if office else ""
        lines = [
            speech.line("title", state.title),
            speech.line("cycle_id", state.cycle_id),
            speech.line("owner", self._person(version.by)),
            speech.line("org_unit", f"{name} ({state.org_unit})"),
            speech.line("org_scope", state.org_scope),
            speech.line("work_scope", state.work_scope),
            speech.line("pillar", state.pillar),
            speech.line("step", version.step),
            speech.line("round", version.round),
            speech.line("drafted_at", version.submitted_at),
            speech.line("decided_at", decided),
            speech.line("decision_level", self._level(self._route)),
            speech.line("action", speech.choose(*_OUTCOMES[version.outcome])),
            speech.line("message", version.message),
            speech.line("content_hash", version.hash),
        ]
        return Section(title=speech.choose(*both("Draft")), lines=tuple(lines))

    def route(self) -> Section:
        names = ("kind", "post", "person", "action", "at", "reason")
        first = {"kind": self._speech.choose(*both("Stage"))}
        heading = tuple(first.get(name) or label(name, self._speech.language) for name in names)
        spoken = sorted((*self._decisions, *self._retracted), key=lambda one: one.at)
        rows = (*map(self._row, spoken), *self._waiting())
        return Section(title=label("route", self._speech.language), grid=Grid(heading=heading, rows=tuple(rows)))

    def conditions(self) -> Iterator[Section]:
        speech = self._speech
        found = [
            one
            for event in self._events
            if isinstance(event.data, e.StepApproved) and event.data.round == self._version.round
            for one in event.data.conditions
        ]
        current = {one.n: one for one in self._state.conditions}
        rows = []
        for one in (current.get(held.n, held) for held in found):
            cells = (str(one.n), one.text, self._person(one.owner), speech.value(one.due))
            rows.append((*cells, speech.value(one.closed_at), one.evidence or ""))
        if rows:
            names = ("text", "owner", "due", "closed_at", "evidence")
            said = {"owner": speech.choose(*both("Owner"))}
            labels = (
                speech.choose(*both("No.")),
                *(said.get(name) or label(name, speech.language) for name in names),
            )
            yield Section(title=label("conditions", speech.language), grid=Grid(heading=labels, rows=tuple(rows)))

    def later(self) -> Iterator[Section]:
        """後閲: who reads afterwards, and when they did."""
        speech = self._speech
        read = {one.data.n: one.at for one in self._events if isinstance(one.data, asides.PostReviewed)}
        lines = tuple(
            Line(
                label=f"{self._post(one.data.post)} {self._person(one.data.person)}",
                text=speech.moment(read[one.data.n]) if one.data.n in read else speech.choose(*both("not read yet")),
            )
            for one in self._events
            if isinstance(one.data, asides.PostReviewDue) and one.data.round == self._version.round
        )
        if lines:
            yield Section(title=label("post_review", speech.language), lines=lines)

    def _level(self, route: Route | None) -> str | None:
        final = next((one for one in route.stages if one.kind is StageKind.FINAL), None) if route else None
        return self._speech.value(tuple(self._post(post) for post in final.posts)) if final else None

    def _row(self, one: Decision) -> tuple[str, ...]:
        """A decision; of one that was taken back also that it was, when and why (決裁の取消し)."""
        told = self._decided(one)
        if not isinstance(one, RetractedDecision):
            return told
        *cells, reason = told
        when, why = self._speech.moment(one.retracted_at), one.retracted_because
        taken = self._speech.choose(*both("taken back {when}: {why}", when=when, why=why))
        cells[3] = f"({cells[3]})"
        return (*cells, f"{reason} {taken}".strip())

    def _decided(self, one: Decision) -> tuple[str, ...]:
        speech = self._speech
        person = self._person(one.by)
        if one.acted_as in _ACTED or one.on_behalf_of:
            person += f" [{speech.choose(*_ACTED.get(one.acted_as or 'proxy', _ACTED['proxy']))}]"
        if one.on_behalf_of:
            person += speech.choose(*both(" (for {person})", person=self._person(one.on_behalf_of)))
        kind = one.kind or self._kind(one.post)
        action = speech.value(one.action)
        if kind is StageKind.FINAL and one.action is Action.APPROVE:
            action = speech.choose(*both("final decision"))
        return (
            speech.value(kind) if kind else "",
            self._post(one.post),
            person,
            action,
            speech.moment(one.at),
            one.reason or "",
        )

    def _waiting(self) -> Iterator[tuple[str, ...]]:
        if self._route is None or self._version.outcome is not Outcome.IN_REVIEW:
            return
        spoken = {one.post for one in self._decisions}
        for stage in self._route.stages:
            for post in stage.posts:
                if post not in spoken:
                    yield (
                        self._speech.value(stage.kind),
                        self._post(post),
                        "",
                        self._speech.choose(*both("open")),
                        "",
                        "",
                    )

    def _kind(self, post: PostRef) -> StageKind | None:
        stages = self._route.stages if self._route else ()
        return next((stage.kind for stage in stages if post in stage.posts), None)

    def _person(self, person_id: str) -> str:
        person = self._organisation.person(person_id)
        return person.name if person else person_id

    def _post(self, post: PostRef) -> str:
        if post.duty is not None:
            return word(post.duty, self._speech.language)
        unit = self._organisation.unit(post.unit or "")
        if unit is None:
            return str(post)
        titles = [one.title for one in self._organisation.posts if one.unit_code == unit.code and one.role is HEAD]
        return self._speech.choose(_headed(unit.name_ja, titles), f"head of {unit.name_en or unit.name_ja}")


def _headed(unit: str, titles: Sequence[str]) -> str:
    """市民部 and 部長 are 市民部長. Where nobody has ever held the post, the unit's own kind says it."""
    title = next((one for one in titles if not one.isascii()), "")
    if title and not (title.endswith("長") and unit.endswith(title[:-1])):
        return f"{unit} {title}"
    return f"{unit}長" if unit.endswith(KINDS) else f"{unit}の長"
