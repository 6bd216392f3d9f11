"""Changes of who decides over HTTP and by command: waiting is 202, a second one agrees, others see nothing."""

from io import BytesIO
from typing import Any

import httpx
import pytest

from api.cli.cycles.work import Refused
from api.services.organisation.credentials import hand_out
from api.services.organisation.documents import organisation_book
from engine.contracts.documents import ORGANISATION, POLICY, AskedDocument
from engine.domain.organisation.organisation import Duty, Organisation, Post, PostRole
from engine.store.record import verify as check
from tests.api.conftest import Http, Terminal, own_token, problem
from tests.support import city, past

SECOND = city.OTHER
"""Made an administrator too."""


def governed_by_two() -> Organisation:
    whole = city.organisation()
    duty = Post(person_id=SECOND, unit_code="C", title="x", role=PostRole.STAFF, duties=(Duty.ADMIN,))
    return whole.model_copy(update={"posts": (*whole.posts, duty)})


def headed_by(person: str) -> Organisation:
    whole = governed_by_two()
    head = Post(person_id=person, unit_code="U", title="x", role=PostRole.HEAD)
    staff = {"role": PostRole.STAFF}
    others = (one.model_copy(update=staff) if one.person_id == city.UNIT_CHIEF else one for one in whole.posts)
    return whole.model_copy(update={"posts": (*others, head)})


def book(organisation: Organisation) -> bytes:
    out = BytesIO()
    organisation_book(organisation, out)
    return out.getvalue()


@pytest.fixture
def http(quiet: Http) -> Http:
    """What is changed here is documents, so that nobody need work."""
    return quiet


@pytest.fixture
def two(quiet: Http) -> Http:
    quiet.office.directory.import_document(ORGANISATION, "city", governed_by_two(), "test")
    for one in (city.ADMIN, SECOND, city.UNIT_CHIEF):
        quiet.tokens[one] = own_token(quiet, one)
    return quiet


async def put(
    http: Http, document: Organisation, person: str = city.ADMIN, ask: str = "", **data: str
) -> httpx.Response:
    return await http.client.post(
        f"/api/v1/documents/organisation{ask}",
        headers={"Authorization": f"Bearer {http.token(person)}"},
        files={"file": ("o.xlsx", book(document))},
        data=data,
    )


async def heads(http: Http) -> set[str]:
    facts = http.office.directory.facts()
    return {one.person_id for one in facts.organisation.posts if (one.unit_code, one.role) == ("U", PostRole.HEAD)}


async def test_a_file_that_changes_who_decides_is_accepted_and_in_force_once_a_second_one_agrees(two: Http) -> None:
    looked = await put(two, headed_by(city.ADMIN), ask="?dry_run=true")
    assert looked.status_code == 200, looked.text
    assert (looked.status_code, looked.json()["standing"]) == (200, "waits")
    assert (await two.call("GET", "/changes", city.ADMIN)).json()["items"] == []
    waits = await put(two, headed_by(city.ADMIN))
    assert waits.status_code == 202, waits.text
    change: dict[str, Any] = waits.json()["change"]
    assert [(one["place"], one["person"], one["gains"]) for one in change["changes"]] == [
        ("head@U", city.UNIT_CHIEF, False), ("head@U", city.ADMIN, True),
    ]  # fmt: skip
    place = f"/changes/{change['id']}"
    assert problem(await two.call("POST", f"{place}/agree", city.ADMIN))[:2] == (403, "own_change")
    assert problem(await two.call("POST", f"{place}/agree", city.UNIT_CHIEF))[:2] == (403, "not_yours_to_agree")
    for reader in (city.UNIT_CHIEF, city.SECTION_HEAD, SECOND):
        assert (await two.call("GET", place, reader)).json()["outcome"] is None
    for stranger in (city.OWNER, city.DIRECTOR):
        assert problem(await two.call("GET", place, stranger))[:2] == (404, "unknown_change")
        assert problem(await two.call("POST", f"{place}/withdraw", stranger, {}))[:2] == (404, "unknown_change")
        assert (await two.call("GET", "/changes", stranger)).json()["items"] == []
    agreed = await two.call("POST", f"{place}/agree", SECOND)
    assert (agreed.status_code, agreed.json()["outcome"], agreed.json()["closed_by"]) == (200, "agreed", SECOND)
    assert await heads(two) == {city.ADMIN}
    assert problem(await two.call("POST", f"{place}/agree", SECOND))[:2] == (409, "change_closed")
    told = (await two.call("GET", "/me/outbox", city.UNIT_CHIEF)).json()["items"]
    assert {"change_proposed", "change_in_force"} <= {one["kind"] for one in told}
    assert {one["url"].rpartition("/")[2] for one in told if one["kind"].startswith("change_")} == {"changes"}
    assert check.verify(two.office.database).faults == ()


async def test_an_administrator_cannot_agree_by_a_token_that_they_made_for_the_other(two: Http) -> None:
    change = (await put(two, headed_by(city.ADMIN))).json()["change"]["id"]
    made = await two.call("POST", "/credentials", city.ADMIN, {"person_id": SECOND, "name": "x"})
    two.tokens["forged"] = made.json()["token"]
    two.tokens["laundered"] = (await two.call("POST", "/credentials", "forged", {"name": "y"})).json()["token"]
    for token in ("forged", "laundered"):
        assert problem(await two.call("POST", f"/changes/{change}/agree", token))[:2] == (403, "token_of_another")
    service = {"service": "robot", "rights": ["admin"], "name": "z"}
    two.tokens["robot"] = (await two.call("POST", "/credentials", city.ADMIN, service)).json()["token"]
    answer = await two.call("POST", f"/changes/{change}/agree", "robot")
    assert answer.status_code in {403, 404}
    assert await heads(two) == {city.UNIT_CHIEF}


async def test_an_emergency_says_why_and_is_in_force_at_once_and_a_plain_file_needs_nobody(two: Http) -> None:
    assert problem(await put(two, headed_by(city.ADMIN), emergency=" "))[2] == [("/emergency", "missing")]
    assert problem(await put(two, headed_by(city.OWNER), city.OWNER))[:2] == (403, "admin_only")
    at_once = await put(two, headed_by(city.PROXY), emergency="災害対策本部の設置")
    assert (at_once.status_code, at_once.json()["standing"]) == (201, "emergency")
    assert await heads(two) == {city.PROXY}
    told = (await two.call("GET", "/me/outbox", city.UNIT_CHIEF)).json()["items"]
    assert [one["facts"]["words"] for one in told if one["kind"] == "change_in_emergency"] == ["災害対策本部の設置"]
    same = headed_by(city.PROXY)
    renamed = tuple(
        one.model_copy(update={"name": "改姓"}) if one.person_id == city.OWNER else one for one in same.people
    )
    plain = await put(two, same.model_copy(update={"people": renamed}))
    assert (plain.status_code, plain.json()["standing"], plain.json()["changes"]) == (201, "at_once", [])


async def test_the_same_from_a_terminal_whose_own_token_it_is_not_is_refused(two: Http, typed: Terminal) -> None:
    policy = two.office.directory.facts().policy
    two.office.directory.import_document(POLICY, "own", policy.model_copy(update={"id": "own"}), "test")
    asked = AskedDocument(POLICY, "own", policy.model_copy(update={"id": "own", "pull_up": False}), city.ADMIN)
    change = two.app.state.desk.changes.put(asked).change
    listed = await typed("changes", "list", person=SECOND)
    assert listed == [
        f"{change.change_id}  policy  own  {city.ADMIN}  {change.takes_effect}  waits", "  pull_up",
    ]  # fmt: skip
    own, two.tokens[SECOND] = two.tokens.pop(SECOND), hand_out(two.office.database, two.office.settings, SECOND)
    for command in ("agree", "withdraw"):
        with pytest.raises(Refused, match="token"):
            await typed("changes", command, change.change_id, person=SECOND)
    two.tokens[SECOND] = own
    (agreed,) = await typed("changes", "agree", change.change_id, person=SECOND)
    assert agreed.endswith("agreed")
    assert two.office.directory.facts().policy.pull_up is False


async def test_an_edition_that_is_adopted_does_not_change_by_http_either(two: Http) -> None:
    async def adopt(text: str) -> httpx.Response:
        return await two.client.post(
            "/api/v1/documents/roadmap",
            headers={"Authorization": f"Bearer {two.token(city.ADMIN)}"},
            files={"file": ("r.yaml", text.encode())},
        )

    edition = "id: own\nstartups:\n- {code: A, name_ja: あ, governance: section_led}\n"
    adopted = await adopt(edition)
    assert adopted.status_code == 201, adopted.text
    assert problem(await adopt(edition.replace("name_ja: あ", "name_ja: い")))[:2] == (409, "edition_adopted")
    assert problem(await adopt("id: [\n"))[:2] == (422, "bad_file")


@pytest.mark.parametrize("at_work", [False, True])
async def test_the_first_policy_of_a_city_waits_once_something_has_begun(two: Http, at_work: bool) -> None:
    if at_work:
        past.recorded(two.office, past.begun(two.office))
    answer = await two.client.post(
        "/api/v1/documents/policy",
        headers={"Authorization": f"Bearer {two.token(city.ADMIN)}"},
        files={"file": ("p.yaml", b"id: own\npull_up: false\n")},
    )
    assert answer.status_code == (202 if at_work else 201), answer.text
