"""What is whose to decide on a day, worked out once for everybody (docs/field/deciding.md).

`Organisation.deciders` answers for one post and one owner. Nobody decides their own work, so the owner makes a
difference only where they would decide themselves. What a person decides can therefore be said for all owners at
once: at these posts, whoever's work it is, but for a few owners.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from engine.domain.organisation.organisation import Duty, Organisation, PostRef, PostRole


@dataclass(frozen=True)
class Remit:
    """What is one person's to decide on a day.

    Attributes:
        posts: where they decide, whoever's work it is.
        turned: posts and owners for whose work it is the other way round: they decide there for these owners alone,
            or for all but these.
    """

    posts: frozenset[str] = frozenset()
    turned: frozenset[tuple[str, str]] = frozenset()

    def holds(self, post: str, owner: str) -> bool:
        """Whether they decide an owner's work at a post."""
        return (post in self.posts) != ((post, owner) in self.turned)

    @property
    def for_some(self) -> frozenset[tuple[str, str]]:
        """Posts and the owners for whose work alone they decide there."""
        return frozenset(one for one in self.turned if one[0] not in self.posts)

    def not_for(self, post: str) -> frozenset[str]:
        """The owners for whose work they do not decide at a post where else they do; they are always one of them."""
        return frozenset(owner for at, owner in self.turned if at == post)


NOTHING = Remit()


def remit_of(person: str, organisation: Organisation, on: date) -> Remit:
    """What is a person's to decide on that day; most people's is nothing, and it costs little to say so."""
    if not _may_ever(person, organisation, on):
        return NOTHING
    known = organisation.remits.get(on)
    if known is None:
        organisation.remits.clear()  # one day is asked about; yesterday's is of no use
        organisation.remits[on] = known = _of_everybody(organisation, on)
    return known.get(person, NOTHING)


def _may_ever(person: str, organisation: Organisation, on: date) -> bool:
    """Whether they hold a post that decides or whose holder stands in for one that does, or are anybody's proxy."""
    posts = organisation.posts_of(person, on)
    return any(one.duties or one.role is not PostRole.STAFF for one in posts) or any(
        one.proxy == person and one.covers(on) for one in organisation.absences
    )


def _of_everybody(organisation: Organisation, on: date) -> dict[str, Remit]:
    posts, turned = defaultdict[str, set[str]](set), defaultdict[str, set[tuple[str, str]]](set)
    for ref in _posts(organisation):
        post, usual = str(ref), _deciders(ref, organisation, on)
        for person in usual:
            posts[person].add(post)
        for owner in usual:
            for person in usual ^ _deciders(ref, organisation, on, owner):
                turned[person].add((post, owner))
    people = posts.keys() | turned.keys()
    return {one: Remit(frozenset(posts[one]), frozenset(turned[one])) for one in people}


def _deciders(post: PostRef, organisation: Organisation, on: date, owner: str | None = None) -> set[str]:
    return {one.person_id for one in organisation.deciders(post, on, owner)}


def _posts(organisation: Organisation) -> Iterable[PostRef]:
    """Every post that a route can name and somebody can decide for; none before there is an organisation."""
    if not organisation.units:
        return
    units = dict.fromkeys(one.code for one in organisation.units)
    units |= dict.fromkeys(one.unit_code for one in organisation.posts if one.role is PostRole.HEAD)
    yield from (PostRef(kind="head", unit=one) for one in units)
    yield from (PostRef(kind="duty", duty=one) for one in Duty)
