"""What becomes of units that a new organisation file leaves out (機構改革): what names them never gets stuck."""

from engine.domain.organisation.organisation import Organisation, UnitLevel


def carried(now: Organisation, before: Organisation) -> Organisation:
    """The new organisation with the units that only the one before knew.

    They have no posts any more, so a post of theirs that a route names is vacant and goes to the unit above.
    """
    known = {unit.code for unit in now.units}
    top = next((unit.code for unit in now.units if unit.level is UnitLevel.CITYWIDE), None)
    tops = {unit.code for unit in before.units if unit.level is UnitLevel.CITYWIDE}
    gone = tuple(
        unit.model_copy(update={"parent_code": top}) if unit.parent_code in tops else unit
        for unit in before.units
        if unit.code not in known and unit.level is not UnitLevel.CITYWIDE
    )
    return now.model_copy(update={"units": (*now.units, *gone)}) if gone else now
