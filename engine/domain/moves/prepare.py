"""A command with what it needs of the world on this day: from then on it lives in the event and is never asked again.

The route, the caller's grants, who is away, what follows. Must not know where facts come from.
"""

from collections.abc import Iterable, Sequence

from engine.domain.access.reading import leads_owner
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import PlannedNext
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.visibility import SetVisibility
from engine.domain.cycle.working_copy import NOT_TAKEN, handing_in
from engine.domain.errors import DomainError, FieldError, conflict, invalid
from engine.domain.lineage.join import JoinTarget, join_errors
from engine.domain.lineage.next_cycles import plan_next
from engine.domain.moves.beside.assign_startup import place_in
from engine.domain.organisation.organisation import Duty, Grant
from engine.domain.review.authority import away_from, grants_of, line_posts, reads_for
from engine.domain.review.facts import Facts
from engine.domain.review.mentions import mentioned
from engine.domain.review.review import Action, Away, Route
from engine.domain.routing.route_builder import route_for
from engine.domain.routing.route_reasons import explained
from engine.domain.spread.offers import target_errors
from engine.domain.steps import Step

_APPROVING = (Action.APPROVE, Action.APPROVE_WITH_CONDITIONS)


def prepared(command: c.Command, state: CycleState, facts: Facts, targets: Sequence[JoinTarget] = ()) -> c.Command:
    """Fills in what `decide` must not look up itself; `targets` are the cycles that the Share wants to join.

    Raises:
        DomainError: `no_decider`, or what is wrong with a person named or with the next cycles.
    """
    found = _looked_up(command, state, facts, targets)
    return command.model_copy(update={"body": command.body.model_copy(update=found)}) if found else command


def _looked_up(  # noqa: PLR0911 - one for each command
    command: c.Command, state: CycleState, facts: Facts, targets: Sequence[JoinTarget]
) -> dict[str, object]:
    body, organisation, today = command.body, facts.organisation, facts.today
    match body:
        case c.Submit():
            state = handing_in(state, body.taken)
            route, marked = _route(state, facts, targets), (NOT_TAKEN,) if body.taken is not None else ()
            return {
                "route": route,
                "findings": (*_findings(state, facts, targets), *marked),
                "away": _away(route, state, facts),
            }
        case c.Decide():
            _condition_owners(body, facts)
            grants = _grants(command, state, facts, pull_up=body.pull_up)
            found: dict[str, object] = {"grants": grants}
            if state.review is not None:
                found["away"] = _away(state.review.route, state, facts)
            if state.step is Step.SHARE and body.action in _APPROVING and grants:
                found["plan"] = _plan(state, facts, targets)
            return found
        case c.Resume() | c.Ask() | c.Attach():
            return {"grants": _grants(command, state, facts)}
        case c.Retract():
            people = {one.by for one in (*state.decisions, state.followed, body.acted) if one is not None}
            known = (organisation.person(one) for one in sorted(people))
            return {"names": {one.person_id: one.name for one in known if one is not None}}
        case c.Comment():
            return {"mentions": mentioned(body.text, organisation)}
        case c.AssignStartup():
            duties = organisation.duties_of(command.actor, today)
            steers = bool({Duty.DX_TEAM, Duty.ADMIN} & duties)
            return {"place": place_in(facts.edition, body.startup), "steers": steers}
        case SetVisibility():
            _readers(body, facts)
            return {"leads": leads_owner(command.actor, state, organisation, today)}
        case c.Acknowledge():
            posts = (one.post for one in state.asides.circulation)
            return {"posts": reads_for(command.actor, posts, organisation, today)}
        case _:
            return {}


def _grants(command: c.Command, state: CycleState, facts: Facts, *, pull_up: bool = False) -> tuple[Grant, ...]:
    """What the route grants the caller today; nothing once the cycle has ended."""
    if state.review is None or not state.status.is_open:
        return ()
    return grants_of(command.actor, state.review, facts.organisation, facts.today, state.owner, pull_up=pull_up)


def _away(route: Route, state: CycleState, facts: Facts) -> tuple[Away, ...]:
    if not route.terms.skip_absent:
        return ()
    return away_from(line_posts(route), facts.organisation, facts.today, state.owner)


def _condition_owners(body: c.Decide, facts: Facts) -> None:
    """Whoever is to meet a condition must be there."""
    wrong = [
        FieldError(pointer=f"/conditions/{index}/owner", code="unknown_person", params={"person": one.owner})
        for index, one in enumerate(body.conditions)
        if one.owner and facts.organisation.person(one.owner) is None
    ]
    if wrong:
        raise invalid(*wrong)


def _readers(body: SetVisibility, facts: Facts) -> None:
    """Whoever is named must be there."""
    wrong = [
        FieldError(pointer=f"/readers/{index}", code="unknown_person", params={"person": one})
        for index, one in enumerate(body.readers or ())
        if facts.organisation.person(one) is None
    ]
    if wrong:
        raise invalid(*wrong)


def _route(state: CycleState, facts: Facts, targets: Sequence[JoinTarget]) -> Route:
    route = route_for(state, facts.policy, facts.organisation, facts.today, facts.closed_days, joins=targets)
    return explained(route, state, facts.policy, facts.organisation)


def _findings(state: CycleState, facts: Facts, targets: Sequence[JoinTarget]) -> tuple[FieldError, ...]:
    """What only the organisation and other cycles can tell about the next cycles of a Share that is handed in."""
    if state.step is not Step.SHARE:
        return ()
    known = {one.cycle_id: one for one in targets}
    errors = join_errors(state, known, facts.policy.growth, facts.organisation)
    wrong = {error.pointer.rsplit("/", 1)[0] for error in errors}
    try:
        plan_next(state, facts.organisation, facts.today, facts.policy.utc_offset_minutes, known)
    except DomainError as error:
        errors += tuple(one for one in error.refusal.errors if one.pointer.rsplit("/", 1)[0] not in wrong)
    targets_wrong = target_errors(
        state, state.deliverables.share.spread_targets, facts.organisation, "/spread_targets"
    )
    return (*errors, *targets_wrong)


def _plan(state: CycleState, facts: Facts, targets: Sequence[JoinTarget]) -> tuple[PlannedNext, ...]:
    """The following cycles; what is wrong with them is the owner's to mend, so the decider is told to return it."""
    known = {one.cycle_id: one for one in targets}
    try:
        return plan_next(state, facts.organisation, facts.today, facts.policy.utc_offset_minutes, known)
    except DomainError as error:
        raise conflict("next_cannot_start", places=_places(error.refusal.errors)) from error


def _places(errors: Iterable[FieldError]) -> str:
    return ", ".join(f"{error.pointer}: {error.code}" for error in errors)
