"""What no model can see alone in a policy or a roadmap edition: each place, with what is wrong there.

Only files are asked: what is in force already stays readable.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from holidays import list_supported_countries

from engine.domain.organisation.organisation import Organisation, PostRef
from engine.domain.review.policy import Policy, Rule, StageRule
from engine.domain.review.review import DueRule
from engine.domain.roadmap import Edition
from engine.domain.routing.route_builder import has_one_final_stage
from engine.exchange.errors import WORDS
from engine.language.catalogues import both

Place = tuple[str | int, ...]
Found = Iterator[tuple[Place, tuple[str, str]]]
LONGEST = timedelta(days=3 * 366)
"""A stage may take this long at most: nobody plans further, and every due time can be computed."""


def policy_faults(policy: Policy, organisation: Organisation | None) -> Found:
    """Of a policy; units are looked for in `organisation`."""
    if "id" not in policy.model_fields_set:
        yield ("id",), WORDS["missing"]
    if policy.holidays_country not in list_supported_countries():
        yield ("holidays_country",), both("no holidays are known for this country")
    if policy.hourly_rate_yen is not None and not math.isfinite(policy.hourly_rate_yen):
        yield ("hourly_rate_yen",), both("must be a number that is not infinite")
    yield from _times((), policy)
    units = {unit.code for unit in organisation.units} if organisation is not None else set()
    for name in ("escalate_last", "agreed_by"):
        post: PostRef | None = getattr(policy, name)
        if units and post is not None and post.unit is not None and post.unit not in units:
            yield (name,), WORDS["unknown_unit"]
    for number, rule in enumerate(policy.rules):
        place: Place = ("rules", number)
        yield from _times(place, rule)
        if not has_one_final_stage(rule.stages):
            said = both("exactly one stage is final, and it is last")
            yield (*place, "stages"), said
        for index, stage in enumerate(rule.stages):
            yield from _stage((*place, "stages", index), stage, units)


def _stage(place: Place, stage: StageRule, units: set[str]) -> Found:
    yield from _times(place, stage)
    if not stage.posts:
        yield (*place, "posts"), both("must name at least one post")
    elif isinstance(stage.quorum, int) and stage.quorum > len(stage.posts):
        yield (*place, "quorum"), both("more than there are posts")
    for at, post in enumerate(stage.posts):
        kind, _, code = post.partition("@")
        if units and kind == "head" and code and code not in units:
            yield (*place, "posts", at), WORDS["unknown_unit"]


def _times(place: Place, part: Policy | Rule | StageRule) -> Found:
    for name in ("due", "escalate_after"):
        rule: DueRule | None = getattr(part, name) if name in part.model_fields_set else None
        if rule is not None and (said := _time(rule)) is not None:
            yield (*place, name), said


def _time(rule: DueRule) -> tuple[str, str] | None:
    if rule.duration is None:
        said = both("must say business_days or duration")
        return said if rule.business_days is None else None
    if rule.business_days is not None and "business_days" in rule.model_fields_set:
        return both("business_days and duration exclude each other")
    if timedelta(0) < rule.duration <= LONGEST:
        return None
    return both("must be longer than nothing and at most three years")


def edition_faults(edition: Edition) -> Found:
    """Of a roadmap edition: nothing in it, a code that stands twice or nowhere, a startup that continues itself."""
    if not edition.startups and not edition.pillars:
        yield ("startups",), both("there is neither a pillar nor a startup")
    yield from _twice(("pillars",), (one.code.value for one in edition.pillars))
    yield from _twice(("startups",), (one.code for one in edition.startups))
    pillars = {one.code for one in edition.pillars}
    for number, startup in enumerate(edition.startups):
        place: Place = ("startups", number)
        yield from _twice((*place, "milestones"), (one.code for one in startup.milestones))
        if pillars and startup.pillar is not None and startup.pillar not in pillars:
            yield (*place, "pillar"), both("this pillar is not among the pillars")
        if startup.code in startup.replaces:
            yield (*place, "replaces"), both("a startup cannot replace itself")


def _twice(place: Place, codes: Iterable[str]) -> Found:
    seen: Counter[str] = Counter()
    for index, code in enumerate(codes):
        seen[code] += 1
        if seen[code] == 2:
            yield (*place, index, "code"), both("{code} stands twice", code=code)
