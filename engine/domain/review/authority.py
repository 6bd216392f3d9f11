"""In what standing a person meets a review: by post, as proxy, by escalation, as a superior, as a reader.

Resolved on the day of the question; a review only names posts.
"""

from collections.abc import Iterable
from datetime import date

from engine.domain.organisation.organisation import Grant, Organisation, PostRef
from engine.domain.review.review import Away, Review, Route, StageKind


def grants_of(  # noqa: PLR0913 - who, what, where, when, whose, and how far down
    person: str, review: Review, organisation: Organisation, on: date, owner: str, *, pull_up: bool = False
) -> tuple[Grant, ...]:
    """What the route grants a person today; what they could pull up from below is added only when asked for."""
    found: list[Grant] = []
    for post in review.open_posts():
        stage = review.stage_of(post)
        steps_in = stage is not None and post not in stage.posts
        for grant in organisation.deciders(post, on, excluding=owner):
            if grant.person_id == person:
                found.append(grant)
                if stage is not None and steps_in and grant.why == "post":
                    late = _regular(review.silent(stage), organisation, on, owner)
                    found[-1] = grant.model_copy(update={"why": "escalation", "passed_over": late})
    if pull_up and review.route.terms.pull_up:
        found += [
            grant
            for waiting in review.open
            for post in review.silent(review.route.stage(waiting.key))
            for grant in superiors(post, organisation, on, owner, only=person)
        ]
    return tuple(found)


def superiors(
    post: PostRef, organisation: Organisation, on: date, owner: str | None = None, *, only: str | None = None
) -> tuple[Grant, ...]:
    """Who may pull up what lies at a post (引上げ): the heads above it; above a duty's post, the head of the city.

    Whoever may decide there anyway is no superior, and nobody pulls up their own work. With `only`, of one person.
    """
    above: dict[str, PostRef] = {}
    for held in list(organisation.climb(post))[1:]:
        for person in organisation.holders(held, on):
            if person != owner and only in (None, person):
                above.setdefault(person, held)
    if not above:
        return ()
    ordinary = {grant.person_id for grant in organisation.deciders(post, on, owner)}
    regular = _regular((post,), organisation, on, owner)
    return tuple(
        Grant(person_id=person, post=post, held=held, why="pull_up", passed_over=regular)
        for person, held in above.items()
        if person not in ordinary
    )


def _regular(posts: Iterable[PostRef], organisation: Organisation, on: date, owner: str | None) -> tuple[str, ...]:
    """Who would decide at these posts by holding them."""
    grants = (grant for post in posts for grant in organisation.deciders(post, on, owner))
    return tuple(dict.fromkeys(grant.person_id for grant in grants if grant.why == "post"))


def readers(post: PostRef, organisation: Organisation, on: date) -> tuple[str, ...]:
    """Who reads for a post (供覧): its holders and whoever stands in for them; nobody while it is vacant."""
    people = organisation.holders(post, on)
    proxies = organisation.proxies(people, post, post, on, None)
    return tuple(dict.fromkeys((*people, *(grant.person_id for grant in proxies))))


def reads_for(person: str, posts: Iterable[PostRef], organisation: Organisation, on: date) -> tuple[PostRef, ...]:
    """The posts among `posts` that a person reads for today."""
    return tuple(post for post in dict.fromkeys(posts) if person in readers(post, organisation, on))


def away_from(posts: Iterable[PostRef], organisation: Organisation, on: date, owner: str) -> tuple[Away, ...]:
    """The posts where everybody who would decide is away today and nobody stands in."""
    found = []
    for post in dict.fromkeys(posts):
        grants = organisation.deciders(post, on, owner)
        there = any(grant.why == "proxy" or organisation.absence_of(grant.person_id, on) is None for grant in grants)
        if grants and not there:
            found.append(Away(post=post, people=tuple(grant.person_id for grant in grants)))
    return tuple(found)


def line_posts(route: Route) -> tuple[PostRef, ...]:
    """The intermediate posts of a route, those that may be passed over."""
    return tuple(post for stage in route.stages if stage.kind is StageKind.LINE for post in stage.posts)
