import ast
import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.contracts.differences import DifferenceKind
from engine.language.refusals import SENTENCES, language_of, sentence
from engine.store.registers.differences import Differences
from tests.api.conftest import Http
from tests.support import past


@pytest.fixture
def http(quiet: Http) -> Http:
    """Lists and streams show a whole city, and what is in it is only read."""
    return quiet


def begun(http: Http, **more: Any) -> str:
    return past.recorded(http.office, past.begun(http.office, **more))


async def test_pages_neither_repeat_nor_skip_while_the_list_grows(http: Http) -> None:
    cycles = [begun(http) for _ in range(5)]
    first = (await http.call("GET", "/cycles?limit=2")).json()
    late = begun(http)
    seen, cursor = [one["id"] for one in first["items"]], first["next_cursor"]
    while cursor:
        page = (await http.call("GET", f"/cycles?limit=2&cursor={cursor}")).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == cycles[::-1]
    assert late not in seen


async def test_filters_narrow_and_words_are_found_whatever_their_width(http: Http) -> None:
    one = begun(http, title="ＲＰＡで転記をなくす", pillar="P3")
    begun(http, title="窓口を100%早く")
    for query, expected in (
        ("q=rpa", [one]), ("pillar=P3", [one]), ("q=RPA 転記", [one]), ("q=100%25", 1), ("q=1_0", []),
        ("owner=me", 2), ("owner=nobody", []), ("step=imagine&status=active", 2), ("org_scope=unit", []),
        ("overdue=true", []), ("org_unit=U", 2),
    ):  # fmt: skip
        found = [item["id"] for item in (await http.call("GET", f"/cycles?{query}")).json()["items"]]
        assert (len(found) if isinstance(expected, int) else found) == expected, query


async def test_listeners_hear_every_event_from_where_they_left_off(http: Http) -> None:
    feed = http.app.state.desk.feed
    cycle = past.recorded(http.office, past.in_review(http.office))
    heard = []
    async for entry in feed.listen(1, lambda every: every):
        heard.append((entry.position, json.loads(entry.data)))
        if len(heard) == 2:
            break
    assert [position for position, _ in heard] == [2, 3]
    assert [data["type"] for _, data in heard] == ["step_submitted", "stage_opened"]
    assert {data["cycle_id"] for _, data in heard} == {cycle}


@pytest.mark.parametrize("after", [None, 10_000], ids=["from now on", "from beyond the end of a restored journal"])
async def test_who_listens_from_now_on_hears_what_comes_next(http: Http, after: int | None) -> None:
    begun(http)
    feed = http.app.state.desk.feed
    listening = feed.listen(after, lambda every: every)
    first = asyncio.ensure_future(anext(listening))
    await asyncio.sleep(0.2)
    cycle = begun(http)
    entry = await asyncio.wait_for(first, 60)
    assert json.loads(entry.data)["cycle_id"] == cycle


async def test_health_readiness_metrics_and_the_description_need_no_token(http: Http) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/start.js"):
        assert (await http.client.get(path)).status_code == 200, path
    assert (await http.client.get("/docs/assets/swagger-ui-bundle.js")).status_code == 200


async def test_the_page_that_describes_the_api_calls_nobody_else(http: Http) -> None:
    page = await http.client.get("/docs")
    assert re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text) != []
    assert "//" not in "".join(re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text))
    assert "'unsafe-inline'" not in page.headers["content-security-policy"].split("style-src")[0]


async def test_every_path_of_the_contract_is_described_with_its_problems(http: Http) -> None:
    document = (await http.client.get("/openapi.json")).json()
    paths = document["paths"]
    for path, methods in {
        "/initiatives": "post get", "/initiatives/{initiative}": "get", "/cycles": "get", "/cycles/{cycle}": "get",
        "/cycles/{cycle}/draft": "put", "/cycles/{cycle}/submit": "post", "/cycles/{cycle}/route": "get",
        "/cycles/{cycle}/decisions": "post", "/cycles/{cycle}/decisions/retract": "post",
        "/cycles/{cycle}/pull-back": "post", "/cycles/{cycle}/withdraw": "post",
        "/cycles/{cycle}/resume": "post", "/cycles/{cycle}/comments": "post",
        "/cycles/{cycle}/conditions/{n}/close": "post", "/cycles/{cycle}/events": "get", "/inbox": "get",
        "/inbox/decisions": "post", "/me": "get", "/absences": "post get", "/roadmap": "get",
        "/roadmap/editions": "get", "/stream": "get",
    }.items():  # fmt: skip
        for method in methods.split():
            operation = paths[f"/api/v1{path}"][method]
            assert {"401", "422"} <= operation["responses"].keys(), (path, method)
            assert operation["operationId"]
            assert operation.get("summary") or operation.get("description")


@pytest.mark.slow
async def test_the_examples_of_the_description_can_be_handed_in_as_they_stand(alone: Http) -> None:
    http = alone
    document = (await http.client.get("/openapi.json")).json()
    body = document["paths"]["/api/v1/cycles/{cycle}/draft"]["put"]["requestBody"]["content"]["application/json"]
    for reference in body["schema"]["oneOf"]:
        assert reference["$ref"].rpartition("/")[2] in document["components"]["schemas"]
    cycle = await http.start()
    for step, example in body["examples"].items():
        draft = await http.call("PUT", f"/cycles/{cycle}/draft", json=example["value"])
        assert (draft.status_code, draft.json()["step"]) == (200, step)
        assert (await http.call("POST", f"/cycles/{cycle}/submit")).status_code == 200
        await http.approve(cycle)
    for name in ("AskedInitiative", "AskedDecision", "CycleView"):
        assert document["components"]["schemas"][name]["examples"], name


def codes_in(tree: ast.AST) -> set[str]:
    """The codes that a module's refusals carry, where they are written out."""
    said = {"conflict", "forbidden", "not_found", "unprocessable", "NotSignedInError", "EngineAwayError", "simple"}
    found: set[str] = set()
    for node in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        keyed = [one.value for one in node.keywords if one.arg == "code" and isinstance(one.value, ast.Constant)]
        found |= set(texts[:1] if name in said else texts[1:2] if name == "invalid_at" else ())
        found |= {str(one.value) for one in keyed} if name == "FieldError" else set()
    return found


def test_every_code_in_the_source_has_its_sentence() -> None:
    root = Path(engine.__file__).parents[1]
    files = [*root.glob("engine/domain/**/*.py"), *root.glob("engine/store/**/*.py"), *root.glob("api/**/*.py")]
    found = set().union(*(codes_in(ast.parse(file.read_text(encoding="utf-8"))) for file in files))
    assert len(found) > 40
    assert found - SENTENCES.keys() == set()


def test_a_language_is_chosen_by_weight_and_japanese_is_the_default() -> None:
    chosen = {
        header: language_of(header)
        for header in (None, "", "en", "en-GB, ja;q=0.9", "ja, en;q=0.9", "fr", "de, en;q=0.2, ja;q=0.1", "en;q=x")
    }
    assert list(chosen.values()) == ["ja", "ja", "en", "en", "ja", "ja", "en", "ja"]


def test_every_sentence_is_there_in_both_languages_and_survives_missing_values() -> None:
    for code in SENTENCES:
        assert sentence(code, "ja")
        assert sentence(code, "en")
        assert "{" not in sentence(code, "en")


async def test_a_cycle_in_which_record_and_engine_differ_is_told_and_takes_no_api_out_of_service(http: Http) -> None:
    cycle = begun(http)
    Differences(http.office.database).replace([(DifferenceKind.JOURNAL_OLDER, cycle)])
    ready = await http.client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["differences"] == 1
    (told,) = ready.json()["differing"]
    assert (told["kind"], told["subject"]) == ("journal_older", cycle)
    metrics = (await http.client.get("/metrics")).text
    assert 'spiral_differences{kind="journal_older"} 1.0' in metrics
    assert 'spiral_differences{kind="stuck"} 0.0' in metrics
