"""Units, posts, and who holds which post on a date (docs/field/deciding.md).

Routes name posts, never persons; a transfer is a post with dates, so it takes effect by itself on the day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_serializer, model_validator

from engine.domain.days import Day


class UnitLevel(StrEnum):
    """係 · 課 · 部 · 全庁."""

    UNIT = "unit"
    SECTION = "section"
    DEPARTMENT = "department"
    CITYWIDE = "citywide"

    @property
    def rank(self) -> int:
        """1 (係) to 4 (全庁)."""
        return list(UnitLevel).index(self) + 1


class PostRole(StrEnum):
    """What a post is in its unit."""

    HEAD = "head"
    DEPUTY = "deputy"
    STAFF = "staff"


class Duty(StrEnum):
    """What a post is answerable for beyond its unit; CDO and CIO are duties, not fixed posts."""

    DX_TEAM = "dx_team"
    CDO = "cdo"
    FINANCE = "finance"
    LEGAL = "legal"
    PRIVACY = "privacy"
    HR = "hr"
    INFORMATION_SYSTEMS = "information_systems"
    ADMIN = "admin"
    VIEWER = "viewer"
    AUDITOR = "auditor"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Unit(_Value):
    """One office of the city."""

    code: str
    name_ja: str
    name_en: str
    level: UnitLevel
    parent_code: str | None = None


class Person(_Value):
    """One member of staff."""

    person_id: str
    name: str
    email: str
    locale: Literal["ja", "en"] = "ja"


class Post(_Value):
    """One person in one unit for a time; a person may hold several (兼務)."""

    person_id: str
    unit_code: str
    title: str
    role: PostRole
    duties: tuple[Duty, ...] = ()
    valid_from: Day | None = None
    valid_to: Day | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the post is held on that day; both dates included, blank means open."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Absence(_Value):
    """Away from `first` to `last`, both included; `proxy` stands in (代決) when named."""

    person_id: str
    first: Day
    last: Day
    proxy: str | None = None

    def covers(self, day: date) -> bool:
        """Whether the person is away on that day."""
        return self.first <= day <= self.last


class PostRef(BaseModel):
    """A post by its place, `head@1201` or `duty@finance`; one string on every wire."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["head", "duty"]
    unit: str | None = None
    duty: Duty | None = None

    def __str__(self) -> str:
        return f"head@{self.unit}" if self.kind == "head" else f"duty@{self.duty.value if self.duty else ''}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The post that `text` names; raises ValueError when it names none."""
        kind, _, where = text.partition("@")
        if kind == "head" and where:
            return cls(kind="head", unit=where)
        if kind == "duty" and where in list(Duty):
            return cls(kind="duty", duty=Duty(where))
        raise ValueError(f"not a post: {text!r}")

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        if isinstance(value, str):
            parsed = cls.parse(value)
            return {"kind": parsed.kind, "unit": parsed.unit, "duty": parsed.duty}
        return value

    @model_serializer
    def _as_string(self) -> str:
        return str(self)


ActedAs = Literal["post", "proxy", "escalation", "pull_up"]


class Grant(BaseModel):
    """That a person may act for a post today, and why.

    Args:
        post: the post the route names.
        held: where the climb past vacancies and the owner ended; for a pull-up the superior's own post.
        why: own `post`, `proxy` of an absent holder, `escalation` from below, or `pull_up` by a superior.
        on_behalf_of: the absent holder, for a proxy.
        passed_over: who would have decided, for a pull-up.
    """

    model_config = ConfigDict(frozen=True)

    person_id: str
    post: PostRef
    held: PostRef
    why: ActedAs
    on_behalf_of: str | None = None
    passed_over: tuple[str, ...] = ()


class Organisation(BaseModel):
    """The whole organisation with its history and its known future; a question always names the day."""

    model_config = ConfigDict(frozen=True, ignored_types=(cached_property,))

    units: tuple[Unit, ...] = ()
    people: tuple[Person, ...] = ()
    posts: tuple[Post, ...] = ()
    absences: tuple[Absence, ...] = ()
    deputies_stand_in: bool = True

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy without the indexes of what was there before the update, which pydantic's would keep."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__ = {name: copied.__dict__[name] for name in type(copied).model_fields}
        return copied

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.units}

    @cached_property
    def _above(self) -> dict[str, tuple[Unit, ...]]:
        return {}

    @cached_property
    def _people(self) -> dict[str, Person]:
        return {person.person_id: person for person in self.people}

    @cached_property
    def _posts_of(self) -> dict[str, list[Post]]:
        found: dict[str, list[Post]] = defaultdict(list)
        for post in self.posts:
            found[post.person_id].append(post)
        return found

    @cached_property
    def _in_role(self) -> dict[tuple[str, PostRole], list[Post]]:
        found: dict[tuple[str, PostRole], list[Post]] = defaultdict(list)
        for post in self.posts:
            found[post.unit_code, post.role].append(post)
        return found

    @cached_property
    def _dutiful(self) -> dict[Duty, list[Post]]:
        found: dict[Duty, list[Post]] = defaultdict(list)
        for post in self.posts:
            for duty in post.duties:
                found[duty].append(post)
        return found

    @cached_property
    def _absent(self) -> dict[str, list[Absence]]:
        found: dict[str, list[Absence]] = defaultdict(list)
        for absence in self.absences:
            found[absence.person_id].append(absence)
        return found

    @cached_property
    def remits(self) -> dict[date, Any]:
        """What is whose to decide on a day, kept for as long as the organisation is (`remits.remit_of`)."""
        return {}

    def unit(self, code: str) -> Unit | None:
        """The unit with that code."""
        return self._units.get(code)

    def person(self, person_id: str) -> Person | None:
        """The person with that id."""
        return self._people.get(person_id)

    def parent(self, code: str) -> Unit | None:
        """The unit above; None above the city."""
        unit = self._units.get(code)
        return self._units.get(unit.parent_code) if unit and unit.parent_code else None

    def ancestors(self, code: str) -> tuple[Unit, ...]:
        """The units above, nearest first."""
        if code not in self._units:
            return ()
        if code not in self._above:
            found: dict[str, Unit] = {}
            above = self.parent(code)
            while above is not None and above.code not in found:
                found[above.code] = above
                above = self.parent(above.code)
            self._above[code] = tuple(found.values())
        return self._above[code]

    def is_same_or_ancestor(self, candidate: str, of: str) -> bool:
        """Whether `candidate` is the unit `of` or stands above it."""
        return candidate == of or any(unit.code == candidate for unit in self.ancestors(of))

    def citywide(self) -> Unit:
        """The one unit at the top (全庁)."""
        return next(unit for unit in self.units if unit.level is UnitLevel.CITYWIDE)

    def posts_of(self, person_id: str, on: date) -> tuple[Post, ...]:
        """The posts a person holds on that day."""
        return tuple(post for post in self._posts_of.get(person_id, ()) if post.holds_on(on))

    def duties_of(self, person_id: str, on: date) -> frozenset[Duty]:
        """The duties a person has on that day."""
        return frozenset(duty for post in self.posts_of(person_id, on) for duty in post.duties)

    def holders(self, ref: PostRef, on: date) -> tuple[str, ...]:
        """Who holds a post on that day, in id order; empty when it is vacant."""
        posts = self._in_role.get((ref.unit or "", PostRole.HEAD), []) if ref.kind == "head" else []
        if ref.kind == "duty" and ref.duty is not None:
            posts = self._dutiful.get(ref.duty, [])
        return tuple(sorted({post.person_id for post in posts if post.holds_on(on)}))

    def absence_of(self, person_id: str, on: date) -> Absence | None:
        """The absence that covers that day."""
        return next((absence for absence in self._absent.get(person_id, ()) if absence.covers(on)), None)

    def deciders(self, post: PostRef, on: date, excluding: str | None = None) -> tuple[Grant, ...]:
        """Who may decide for a post on that day.

        A vacant post, and one that only `excluding` (the owner) holds, goes one up. An absent holder's proxy may
        act beside them.
        """
        for held in self.climb(post):
            people = [person for person in self._at(held, on) if person != excluding]
            if people:
                grants = [Grant(person_id=one, post=post, held=held, why="post") for one in people]
                grants += self.proxies(people, post, held, on, excluding)
                return tuple(grants)
        return ()

    def acts_for(
        self, person_id: str, posts: Iterable[PostRef], on: date, excluding: str | None = None
    ) -> tuple[Grant, ...]:
        """The grants one person has among `posts` on that day."""
        return tuple(
            grant for post in posts for grant in self.deciders(post, on, excluding) if grant.person_id == person_id
        )

    def climb(self, post: PostRef) -> Iterable[PostRef]:
        """The post, then where a vacancy leads: the heads above it, one by one."""
        yield post
        if post.kind == "head" and post.unit is not None:
            for unit in self.ancestors(post.unit):
                yield PostRef(kind="head", unit=unit.code)
            if post.unit != self.citywide().code:
                return
        elif post.kind == "duty":
            yield PostRef(kind="head", unit=self.citywide().code)

    def _at(self, ref: PostRef, on: date) -> tuple[str, ...]:
        """The holders; a vacant CDO is the deputy of the city (副市長)."""
        found = self.holders(ref, on)
        if found or ref != PostRef(kind="duty", duty=Duty.CDO):
            return found
        deputies = self._in_role.get((self.citywide().code, PostRole.DEPUTY), ())
        return tuple(sorted({post.person_id for post in deputies if post.holds_on(on)}))

    def proxies(
        self, people: Iterable[str], post: PostRef, held: PostRef, on: date, excluding: str | None
    ) -> Iterable[Grant]:
        """Who stands in for each of `people` that is away, by a post of that day: their proxy, else the deputy."""
        people = tuple(people)
        for person in people:
            absence = self.absence_of(person, on)
            if absence is None:
                continue
            stands_in = absence.proxy not in (excluding, person) and self.posts_of(absence.proxy or "", on)
            named = absence.proxy if stands_in else None
            if named is not None:
                yield Grant(person_id=named, post=post, held=held, why="proxy", on_behalf_of=person)
            if named is None or self.absence_of(named, on) is not None:
                deputy = self._deputy(held, on, {excluding, named, *people})
                if deputy is not None:
                    yield Grant(person_id=deputy, post=post, held=held, why="proxy", on_behalf_of=person)

    def _deputy(self, held: PostRef, on: date, besides: set[str | None]) -> str | None:
        """The unit's deputy who stands in for its absent head by rank (代決の代理順位): the first who is there."""
        if not self.deputies_stand_in or held.kind != "head":
            return None
        ranked = (
            post.person_id
            for post in self._in_role.get((held.unit or "", PostRole.DEPUTY), [])
            if post.holds_on(on) and post.person_id not in besides
        )
        return next((person for person in ranked if self.absence_of(person, on) is None), None)
