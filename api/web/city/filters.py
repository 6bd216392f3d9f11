"""What is asked of the city's pages: the question in the address, and the filters as links that keep each other."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from api.http.parameters import day_of
from api.web.format.gettext import name_of
from api.web.frame.page import Context, MemberVisit
from api.web.frame.people import unit_name
from engine.domain.analytics.query import FiguresQuestion
from engine.domain.calendar import fiscal_year as year_of
from engine.domain.organisation.organisation import UnitLevel
from engine.domain.roadmap import Pillar


class Choice(Context):
    """One link of a filter."""

    text: str
    href: str
    current: bool


class Choices(Context):
    """A filter: links, one of them current; `narrows` when it is not the one that takes everything."""

    key: str
    name: str
    items: tuple[Choice, ...]
    narrows: bool

    @property
    def now(self) -> str:
        """What is chosen."""
        return next((one.text for one in self.items if one.current), "")


def asked(
    fiscal_year: Annotated[int | None, Query(ge=2000, le=2200)] = None,
    pillar: Pillar | None = None,
    startup: Annotated[str | None, Query(max_length=64)] = None,
    org_unit: Annotated[str | None, Query(max_length=64)] = None,
    as_of: Annotated[str, Query(max_length=10)] = "",
) -> FiguresQuestion:
    """The question of the address; the form's day is there but empty when none is chosen."""
    return FiguresQuestion(
        fiscal_year=fiscal_year, pillar=pillar, startup=startup, org_unit=org_unit, as_of=day_of(as_of, "as_of")
    )


Asked = Annotated[FiguresQuestion, Depends(asked)]


def plain(question: FiguresQuestion) -> dict[str, str]:
    """The question as the names and values of an address."""
    return {name: str(value) for name, value in question.model_dump(mode="json", exclude_none=True).items()}


def address(path: str, question: FiguresQuestion, **more: str | None) -> str:
    """A path that asks the same, with something else besides; None takes a name away."""
    query = {name: value for name, value in (plain(question) | more).items() if value}
    return f"{path}?{urlencode(query)}" if query else path


def filters(path: str, question: FiguresQuestion, visit: MemberVisit, **kept: str) -> tuple[Choices, ...]:
    """Year, pillar and office; each link keeps the other filters and what is `kept`."""
    facts = visit.caller.facts
    this_year = year_of(facts.today)
    years: list[tuple[str | None, str]] = [(None, visit.say("All years"))]
    years += [(str(year), visit.days.fiscal_year(date(year, 4, 1))) for year in (this_year, this_year - 1)]
    pillars: list[tuple[str | None, str]] = [(None, visit.say("All pillars"))]
    pillars += [(one.value, f"{one.value} {name_of(one, visit.language)}") for one in Pillar]
    departments = [unit for unit in facts.organisation.units if unit.level is UnitLevel.DEPARTMENT]
    offices: list[tuple[str | None, str]] = [(None, visit.say("The whole city"))]
    offices += [(one.code, unit_name(one.code, facts, visit.language)) for one in departments]
    if question.org_unit and question.org_unit not in dict(offices):
        offices.append((question.org_unit, unit_name(question.org_unit, facts, visit.language)))
    return (
        _choices("fiscal_year", visit.say("Fiscal year"), years, path, question, kept),
        _choices("pillar", visit.say("Pillar"), pillars, path, question, kept),
        _choices("org_unit", visit.say("Office"), offices, path, question, kept),
    )


def _choices(  # noqa: PLR0913, PLR0917 - what a row of links is made of
    key: str,
    name: str,
    options: Sequence[tuple[str | None, str]],
    path: str,
    question: FiguresQuestion,
    kept: dict[str, str],
) -> Choices:
    chosen = plain(question).get(key)
    return Choices(
        key=key,
        name=name,
        items=tuple(
            Choice(text=text, href=address(path, question, **kept, **{key: value}), current=chosen == value)
            for value, text in options
        ),
        narrows=chosen is not None,
    )
