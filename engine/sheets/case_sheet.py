"""事例シート: a shared result on one page (docs/field/sharing.md), the same unit before and after."""

from engine.domain.cycle.state import CycleState
from engine.domain.organisation.organisation import Organisation
from engine.exchange.export_rows import shared_at
from engine.language.catalogues import both
from engine.sheets.sheets import Grid, Section, Sheet, Speech, lines_of


def case_sheet(state: CycleState, organisation: Organisation, speech: Speech) -> Sheet:
    """The sheet of a cycle whose Share was approved.

    Args:
        state: the cycle.
        organisation: names, as of today.
        speech: language and clock.
    """
    given = state.deliverables
    owner, office = organisation.person(state.owner), organisation.unit(state.org_unit)
    head = (
        speech.line("title", state.title),
        speech.line("org_unit", speech.choose(office.name_ja, office.name_en or office.name_ja) if office else None),
        speech.line("owner", owner.name if owner else state.owner),
        speech.line("pillar", state.pillar),
        speech.line("startup", state.startup),
        speech.line("org_scope", state.org_scope),
        speech.line("work_scope", state.work_scope),
        speech.line("difficulty", given.transform.difficulty),
        speech.line("tools", given.transform.tools),
        speech.line("public_level", given.share.public_level),
        speech.line("at", shared_at(state)),
    )
    cost = ("cost_initial_yen", "cost_running_yen", "effort_hours")
    learned = ("core_elements", "adaptable_elements", "lessons_failed", "audience", "assets")
    sections = (
        Section(title=speech.choose(*both("Overview")), lines=head),
        Section(
            title=speech.choose(*both("Why")),
            lines=(
                speech.line("ideal_statement", given.imagine.ideal_statement),
                *(speech.line("challenged_assumptions", one.text) for one in given.imagine.challenged_assumptions),
                *(
                    lines_of(given.imagine.left_behind, "imagine.left_behind", speech)
                    if given.imagine.left_behind
                    else ()
                ),
            ),
        ),
        Section(
            title=speech.choose(*both("What was done")),
            lines=tuple(lines_of(given.share.case, "share.case", speech)) if given.share.case else (),
        ),
        _numbers(state, speech),
        Section(
            title=speech.choose(*both("Cost and effort")),
            lines=tuple(speech.line(name, getattr(given.transform, name)) for name in cost),
        ),
        Section(
            title=speech.choose(*both("To copy it")),
            lines=tuple(speech.line(name, getattr(given.share, name)) for name in learned),
        ),
        Section(
            title=speech.choose(*both("Voices")),
            lines=tuple(speech.line("voices", one.text) for one in given.realise.voices),
        ),
    )
    return Sheet(
        title=speech.choose(*both("Case sheet")),
        subject=state.title,
        language=speech.language,
        number=state.cycle_id,
        sections=tuple(one for one in sections if one.lines or one.grid),
    )


def _numbers(state: CycleState, speech: Speech) -> Section:
    """Effects, before and after; what is not measured is said to be so."""
    heading = (
        ("指標", "単位", "前", "目標", "後")
        if speech.language == "ja"
        else ("Metric", "Unit", "Before", "Target", "After")
    )
    unmeasured = speech.choose(*both("not measured"))
    rows = [
        (one.name or one.code, one.unit, speech.value(one.baseline), speech.value(one.target),
         unmeasured if one.actual is None else speech.value(one.actual))
        for one in state.effects.metrics
    ]  # fmt: skip
    effects = state.effects
    lines = tuple(
        speech.line(name, unmeasured if value is None else value)
        for name, value in (
            ("hours_saved_per_year", effects.hours_saved_per_year), ("yen_per_year", effects.yen_per_year),
        )
    )  # fmt: skip
    return Section(title=speech.choose(*both("Effect")), lines=lines, grid=Grid(heading=heading, rows=tuple(rows)))
