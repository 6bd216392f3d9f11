"""What several moves look up: the posts a caller may act for, and who of a route is away today."""

from engine.domain.moves.handler import World
from engine.domain.organisation.organisation import Grant
from engine.domain.review.authority import away_from, grants_of, line_posts
from engine.domain.review.review import Away, Route


def grants(world: World, *, pull_up: bool = False) -> tuple[Grant, ...]:
    """What the route grants the caller today; nothing once the cycle has ended."""
    return world.once(_with_pull_ups if pull_up else _granted)


def _granted(world: World) -> tuple[Grant, ...]:
    return _grants(world, pull_up=False)


def _with_pull_ups(world: World) -> tuple[Grant, ...]:
    return _grants(world, pull_up=True)


def _grants(world: World, *, pull_up: bool) -> tuple[Grant, ...]:
    state, facts = world.state, world.facts
    if state.review is None or not state.status.is_open:
        return ()
    return grants_of(world.actor, state.review, facts.organisation, facts.today, state.owner, pull_up=pull_up)


def with_grants(_body: object, world: World) -> dict[str, object]:
    """For a move that needs nothing but them."""
    return {"grants": grants(world)}


def away(route: Route, world: World) -> tuple[Away, ...]:
    """Who of the line is away, where the policy passes over whoever is."""
    if not route.terms.skip_absent:
        return ()
    return away_from(line_posts(route), world.facts.organisation, world.facts.today, world.state.owner)
