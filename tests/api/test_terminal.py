"""What people type at a terminal, against a real server: each command once as it should be, and once refused."""

import json
from pathlib import Path

import pytest

from api.cli.cycles.work import Refused
from engine.domain.review.policy import Policy, Rule
from engine.exchange.errors import FileError
from engine.runtime.problems import SetupError
from tests.api.conftest import Http, Terminal
from tests.support import city
from tests.support.receiver import receiving

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHIEF = city.UNIT_CHIEF


async def refused(typed: Terminal, *words: str, person: str = city.OWNER) -> str:
    """The one plain line that a refused command leaves."""
    with pytest.raises((Refused, SetupError, FileError)) as found:
        await typed(*words, person=person)
    line = str(found.value)
    assert "\n" not in line
    assert "Traceback" not in line
    return line


async def test_files_are_attached_listed_and_taken_back(http: Http, typed: Terminal, tmp_path: Path) -> None:
    cycle = await http.start()
    file = tmp_path / "見積.txt"
    file.write_bytes(b"content")
    (line,) = await typed("attach", cycle, str(file))
    assert line.split()[:2] == ["1", "見積.txt"]
    assert await typed("attachments", cycle) == ["1  imagine  owner  7  見積.txt"]
    assert "[not_yours_to_attach]" in await refused(typed, "attach", cycle, str(file), person=city.UNIT_CHIEF)
    assert "[unknown_cycle]" in await refused(typed, "attach", cycle, str(file), person=city.OTHER)
    assert "cannot read" in await refused(typed, "attach", cycle, str(tmp_path / "none.txt"))
    assert "[unknown_attachment]" in await refused(typed, "detach", cycle, "9")
    assert await typed("detach", cycle, "1") == ["removed 1"]
    assert await typed("attachments", cycle) == ["1  imagine  owner  7  見積.txt  removed"]
    assert "[unknown_cycle]" in await refused(typed, "attachments", "none")


@pytest.mark.slow
async def test_route_questions_and_what_one_decided_are_shown(http: Http, typed: Terminal) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    stage, post, escalates, *reasons = await typed("route", cycle)
    assert stage.split()[1:3] == ["open", "all"]
    assert post.split() == ["head@U", "chief"]
    assert escalates.split()[:4] == ["then", "head@S", "manager", "from"]
    assert [line.split()[0] for line in reasons] == ["head@U:"]
    assert json.loads("\n".join(await typed("route", cycle, "--json")))["cycle_id"] == cycle
    assert "[unknown_cycle]" in await refused(typed, "route", "none")
    assert (await typed("ask", cycle, "何件", person=CHIEF))[0].startswith(cycle)
    assert "[own_work]" in await refused(typed, "ask", cycle, "何件")
    assert f"  question 1  {CHIEF}: 何件  -" in await typed("show", cycle)
    answered = await typed("answer", cycle, "1", "千件")
    assert answered[0].startswith(cycle)
    assert f"  question 1  {CHIEF}: 何件  千件" in answered
    assert "[unknown_question]" in await refused(typed, "answer", cycle, "9", "千件")
    assert [line.split()[1] for line in await typed("outbox", person=CHIEF)] == [CHIEF, CHIEF]
    assert "[admin_only]" in await refused(typed, "outbox", "--everybody")
    assert await typed("history", person=CHIEF) == []
    assert "[not_over]" in await refused(typed, "copy", cycle)
    await typed("decide", cycle, "reject", "--reason", "重複", person=CHIEF)
    (line,) = await typed("history", person=CHIEF)
    assert line.split()[1:4] == [cycle, "imagine", "reject"]
    copied = await typed("copy", cycle, "--title", "もう一度")
    assert copied[0].endswith("もう一度")
    assert not copied[0].startswith(cycle)


async def test_what_circulates_and_what_was_decided_for_one_is_read(http: Http, typed: Terminal) -> None:
    http.office.import_(policy=Policy(id="wide", rules=(Rule(circulate=("head@D",)),)))
    http.office.directory.enter_absence("a1", city.away(CHIEF, city.PROXY), "test")
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    await http.approve(cycle, city.PROXY)
    assert (await typed("read", cycle, person=city.DIRECTOR))[0].startswith(cycle)
    assert "[not_circulated_to_you]" in await refused(typed, "read", cycle, person=city.OTHER)
    assert "[not_your_post_review]" in await refused(typed, "post-review", cycle, "1", person=city.PROXY)
    assert (await typed("post-review", cycle, "1", "--text", "了解", person=CHIEF))[0].startswith(cycle)


@pytest.mark.slow
async def test_a_result_is_found_offered_answered_and_added_up(http: Http, typed: Terminal) -> None:
    cycle = await http.office.start()
    await http.office.turn(cycle, city.share())
    (line,) = await typed("cases", "届かせる")
    assert line.split()[:2] == [cycle, "U"]
    (line,) = await typed("offer", cycle, "--unit", "U2", "--message", "どうぞ")
    offer = line.split()[0]
    assert line.split()[1:3] == ["U2", "offered"]
    assert "/org_units/0" in await refused(typed, "offer", cycle, "--unit", "NOWHERE")
    assert [line.split()[0] for line in await typed("offers", "--waiting", person=city.DIRECTOR)] == [offer]
    assert await typed("offers", "--waiting") == []
    assert "[not_the_receiver]" in await refused(typed, "answer-offer", offer, "accept")
    (line,) = await typed("answer-offer", offer, "accept", "--owner", city.OTHER, person=city.DIRECTOR)
    assert line.split()[2] == "accepted"
    adopted = line.split()[-1]
    await http.office.there(adopted)
    assert (await typed("effects"))[-2].startswith("total  300 時間/年")
    assert "[invalid_fields]" in await refused(typed, "effects", "--unit", "NOWHERE")
    tree = await typed("lineage", http.office.state(cycle).initiative_id)
    assert tree[0].split()[:2] == ["start", cycle]
    assert any(adopted in line for line in tree)
    assert "[unknown_initiative]" in await refused(typed, "lineage", "none")


async def test_webhooks_are_added_tested_paused_and_enabled(http: Http, typed: Terminal) -> None:
    desk = http.app.state.desk
    desk.settings = desk.settings.model_copy(update={"webhook_allow": "127.0.0.1"})
    with receiving() as receiver:
        line, secret = await typed("webhooks", "add", receiver.url, "--event", "step_approved", person=city.ADMIN)
        name = line.split()[0]
        assert secret.split()[1].startswith("whsec_")
        assert await typed("webhooks", "list", person=city.ADMIN) == [line]
        assert "[admin_only]" in await refused(typed, "webhooks", "list")
        assert (await typed("webhooks", "test", name, person=city.ADMIN))[0].split()[2] == "test"
    assert "paused" in (await typed("webhooks", "pause", name, person=city.ADMIN))[0]
    assert "active" in (await typed("webhooks", "enable", name, person=city.ADMIN))[0]
    assert len(await typed("webhooks", "deliveries", name, person=city.ADMIN)) == 1
    assert "/url" in await refused(typed, "webhooks", "add", "ftp://a", person=city.ADMIN)


async def test_a_policy_is_checked_without_being_put_in_force(typed: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("id: ours\n", encoding="utf-8")
    words = ("import", "policy", str(file), "--check", "--data-dir", str(tmp_path / "city"))
    assert await typed(*words) == ["policy: ours, 0 rules: ok, not put in force"]
    assert not (tmp_path / "city").exists()
    file.write_text("id: ours\ngrowth: sideways\nwings: 2\n", encoding="utf-8")
    line = await refused(typed, *words)
    for said in (
        f"{file}:2 [growth]: 次のどれか",
        "; 3 [wings]: この項目はありません",
        "; 3 [wings]: there is no such",
    ):
        assert said in line
