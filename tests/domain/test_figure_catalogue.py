"""A figure stands once, in the summary; page, command line and this test loop over the catalogue of all."""

from datetime import UTC, datetime

from engine.domain.analytics.figure import Figure
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.summary import catalogue, summary
from engine.domain.analytics.tallies import Deeds, Tallies
from engine.language.enums import WORDS
from engine.language.fields import FIELDS

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
WANTED = FiguresWanted(at=NOW, today=NOW.date())
FOUND = dict(catalogue(summary(Tallies(WANTED), Deeds(), WANTED)))


def test_the_catalogue_holds_every_single_figure_of_the_first_page() -> None:
    assert {"cycles", "overdue", "first_pass_rate", "effects.hours_saved_per_year"} < FOUND.keys()
    assert all(isinstance(one, Figure) for one in FOUND.values())


def test_every_figure_has_a_name_and_a_unit_in_both_languages() -> None:
    unnamed = [path for path in FOUND if not all(FIELDS.get(f"summary.{path}", ("", "")))]
    assert unnamed == [], "give each a line in the catalogue of fields"
    assert {one.unit for one in FOUND.values()} - {"%"} <= WORDS["FigureUnit"].keys()
