"""The commands that read the record, against a real server: what a person sees on the terminal."""

import json

import pytest

from api.cli.cycles.work import Refused
from engine.domain.deliverables import Imagine
from tests.api.conftest import Http, Terminal, plain
from tests.support import city


async def test_versions_and_their_difference_are_shown(http: Http, typed: Terminal) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    await http.call("POST", f"/cycles/{cycle}/pull-back")
    more = {"ideal_statement": "待たずに届く", "as_is": {"cases_per_year": 1500, "minutes_per_case": 30}}
    await http.hand_in(cycle, Imagine.model_validate(plain(city.imagine()) | more))
    assert [line.split()[:2] for line in await typed("versions", cycle)] == [["1", "imagine"], ["2", "imagine"]]
    assert json.loads("\n".join(await typed("versions", cycle, "1"))) == plain(city.imagine())
    assert await typed("diff", cycle, "1", "2") == [
        " ~ /ideal_statement  住民票が、来なくても届く → 待たずに届く",
        "*~ /as_is/cases_per_year  1200.0 → 1500.0",
    ]
    with pytest.raises(Refused, match="unknown_version"):
        await typed("diff", cycle, "1", "5")
