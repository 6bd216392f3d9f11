"""People, units and posts as pages name them."""

import re

from api.web.frame.page import Context
from engine.domain.organisation.organisation import Duty, PostRef, PostRole
from engine.domain.review.facts import Facts
from engine.language.catalogues import Language


class Someone(Context):
    """A person with the post they are known by today."""

    person_id: str
    name: str
    post: str


def someone(person_id: str, facts: Facts, language: Language) -> Someone:
    """The person; somebody the organisation does not know keeps their id."""
    person = facts.organisation.person(person_id)
    posts = facts.organisation.posts_of(person_id, facts.today)
    where = f"{unit_name(posts[0].unit_code, facts, language)} {posts[0].title}" if posts else ""
    return Someone(person_id=person_id, name=person.name if person else person_id, post=where)


def people_named(text: str, facts: Facts) -> tuple[str, ...]:
    """The people whom somebody typed, by number or by name, between commas; what names nobody comes back as it is."""
    by_name = {"".join(one.name.split()): one.person_id for one in facts.organisation.people}
    typed = (one.strip() for one in re.split(r"[,、，\n]", text))
    return tuple(by_name.get("".join(one.split()), one) for one in typed if one)


def landing(person_id: str, facts: Facts, following: str) -> str:
    """Where signing in leads: on to `following`; if that is nowhere in particular, who steers the city sees it."""
    on = facts.today
    heads = any(
        post.role is PostRole.HEAD and post.unit_code == facts.organisation.citywide().code
        for post in facts.organisation.posts_of(person_id, on)
    )
    steers = heads or Duty.DX_TEAM in facts.organisation.duties_of(person_id, on)
    return "/city" if steers and following == "/" else following


def unit_name(code: str, facts: Facts, language: Language) -> str:
    """The unit's name in the reader's language; a code without a unit is shown as it is."""
    unit = facts.organisation.unit(code)
    if unit is None:
        return code
    return unit.name_ja if language == "ja" else unit.name_en or unit.name_ja


def post_name(ref: PostRef, facts: Facts, language: Language) -> str:
    """A post of a route, such as the section manager of a section: the title its holder has, or its place."""
    holders = facts.organisation.holders(ref, facts.today)
    if not holders:
        return unit_name(ref.unit or "", facts, language) or str(ref)
    for post in facts.organisation.posts_of(holders[0], facts.today):
        if post.unit_code == ref.unit or (ref.duty is not None and ref.duty in post.duties):
            return f"{unit_name(post.unit_code, facts, language)} {post.title}"
    return str(ref)


def title_at(person_id: str, ref: PostRef, facts: Facts) -> str:
    """The title under which a person acts for a post today; any of theirs when they hold another; else empty."""
    posts = facts.organisation.posts_of(person_id, facts.today)
    here = [one for one in posts if one.unit_code == ref.unit or (ref.duty is not None and ref.duty in one.duties)]
    return next((one.title for one in (*here, *posts)), "")
