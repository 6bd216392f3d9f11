"""The published description: true, no two things under one name, and enough to make a client that does it all."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from api.app import described
from api.http.methods import allowed
from api.http.openapi import merged
from api.schemas.cycle import CycleView
from engine.domain.deliverables import Deliverables
from engine.domain.steps import Step
from tests.api.conftest import Http, problem
from tests.support import city


@pytest.fixture
def document() -> dict[str, Any]:
    """What every application shows, whatever city it serves."""
    return described()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, found in document["paths"].items() for method, one in found.items()]


def test_a_name_or_a_title_that_stands_for_two_things_is_refused() -> None:
    one = {"title": "Action", "type": "string"}
    assert merged({"Action": one}, {"Action": one | {"default": "x", "additionalProperties": False}})
    with pytest.raises(ValueError, match="two schemas are called Action"):
        merged({"Action": one}, {"Action": {"title": "Action", "type": "object"}})
    with pytest.raises(ValueError, match="carry one title"):
        merged({"Action": one}, {"Other": {"title": "Action", "type": "object"}})


def test_the_document_says_what_is_so(document: dict[str, Any]) -> None:
    schemas, text = document["components"]["schemas"], json.dumps(document)
    assert not [name for name in schemas if "__" in name or "HTTPValidation" in name]
    assert schemas["Action"]["enum"][:2] == ["approve", "approve_with_conditions"]
    assert schemas["AskedDecision"]["properties"]["action"] == {"$ref": "#/components/schemas/Action"}
    cases = schemas["AsIs"]["properties"]["cases_per_year"]["anyOf"][0]
    assert (cases["minimum"], cases["maximum"]) == (0, 1e12)
    assert not any(f'"{word}":' in text for word in ("ge", "le", "gt", "lt"))
    assert document["servers"]
    (example,) = schemas["CycleView"]["examples"]
    assert CycleView.model_validate(example).model_dump(mode="json").keys() == example.keys()
    assert set(schemas["CycleView"]["required"]) <= example.keys()
    drafts = document["paths"]["/api/v1/cycles/{cycle}/draft"]["put"]["requestBody"]["content"]["application/json"]
    for step, shown in drafts["examples"].items():
        Deliverables.MODELS[Step(step)].model_validate(shown["value"], extra="forbid")


def test_every_status_that_a_request_can_meet_is_described(document: dict[str, Any]) -> None:
    for path, method, one in operations(document):
        statuses, kinds = set(one["responses"]), one.get("requestBody", {}).get("content", {})
        assert {"422", "503"} <= statuses, path
        assert ("404" in statuses) or "{" not in path, path
        assert ("413" in statuses) is (method in {"post", "put"} or "413" in statuses), path
        assert {"400", "415"} <= statuses or "application/json" not in kinds, path
        for status, said in one["responses"].items():
            if int(status) >= 400:
                assert list(said["content"]) == ["application/problem+json"], (path, status)


async def test_an_address_says_which_methods_it_knows_and_a_head_is_a_get_without_content(
    http: Http, document: dict[str, Any]
) -> None:
    cycle = await http.start()
    assert http.app.openapi() == document
    for path, _, _ in operations(document):
        address = path.replace("{cycle}", cycle)
        wrong = await http.call("PATCH", address)
        assert wrong.status_code == 405
        assert {one.lower() for one in wrong.headers["allow"].split(", ")} - {"head"} == set(document["paths"][path])
    assert (await http.call("OPTIONS", "/absences")).headers["allow"] == "GET, HEAD, POST"
    assert allowed(http.app, "/nowhere") is None
    read, head = await http.call("GET", f"/cycles/{cycle}"), await http.call("HEAD", f"/cycles/{cycle}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == read.headers["etag"]
    assert head.headers["content-length"] == read.headers["content-length"]
    assert (await http.call("HEAD", "/cycles/none")).status_code == 404
    assert problem(await http.call("PATCH", "/cycles"))[:2] == (405, "method_not_allowed")


class Client:
    """A client made from the document, for one person."""

    def __init__(self, package: str, address: str, token: str) -> None:
        self._package = package
        made = importlib.import_module(f"{package}.client")
        self._client = made.AuthenticatedClient(base_url=address, token=token)
        self.models: ModuleType = importlib.import_module(f"{package}.models")

    async def do(self, place: str, *arguments: Any, **more: Any) -> Any:
        """The parsed answer of one operation, such as `cycles.save_draft`."""
        operation = importlib.import_module(f"{self._package}.api.{place}")
        return await operation.asyncio(*arguments, client=self._client, **more)


@pytest.mark.slow
async def test_a_generated_client_plays_start_draft_submit_and_approve(
    http: Http, document: dict[str, Any], served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    made = subprocess.run(  # noqa: ASYNC221 - nothing else is to happen meanwhile
        [
            sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none",
            "--output-path", "made_city",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    assert "will not be generated" not in made.stdout + made.stderr
    monkeypatch.syspath_prepend(str(tmp_path))
    owner = Client("made_city", served, http.token(city.OWNER))
    chief = Client("made_city", served, http.token(city.UNIT_CHIEF))
    models = owner.models
    asked = models.AskedInitiative(
        title="届く窓口", org_scope=models.OrgScope.INDIVIDUAL, org_unit="U", work_scope=models.WorkScope.TASK
    )
    cycle = await owner.do("initiatives.start_initiative", body=asked)
    assert isinstance(cycle, models.CycleView)
    draft = models.Imagine.from_dict(city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True))
    saved = await owner.do("cycles.save_draft", cycle.id, body=draft, if_match='"1"')
    assert (saved.revision, saved.draft.revision, type(saved)) == (1, 1, models.CycleView)
    wrong = await owner.do("cycles.save_draft", cycle.id, body=models.Imagine(ideal_statement="\x00"))
    assert isinstance(wrong, models.Problem)
    assert wrong.errors[0].pointer == "/ideal_statement"
    handed_in = await owner.do("cycles.submit", cycle.id)
    assert handed_in.step_status is models.StepStatus.IN_REVIEW
    (waiting,) = (await chief.do("people.get_inbox")).items
    decision = models.AskedDecision(action=models.Action.APPROVE, round_=waiting.round_)
    decided = await chief.do("cycles.decide", waiting.cycle_id, body=decision, idempotency_key="k")
    assert decided.step is models.Step.TRANSFORM
    (listed,) = (await owner.do("cycles.list_cycles", owner="me")).items
    assert [one.action for one in listed.decisions] == [models.Action.APPROVE]


def test_whatever_stands_in_an_address_or_is_sent_as_text_is_bounded(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for one in operation.get("parameters", ()):
            if one["in"] == "path":
                assert _is_bounded(one["schema"], document), (method, path, one["name"])
    sent = {
        name
        for _, _, operation in operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for name in _named(content["schema"], document)
    }
    assert len(sent) > 20
    loose = [
        (name, field)
        for name in sorted(sent)
        for field, schema in document["components"]["schemas"][name].get("properties", {}).items()
        if not _is_bounded(schema, document)
    ]
    assert loose == []


def _named(schema: Any, document: dict[str, Any], seen: frozenset[str] = frozenset()) -> set[str]:
    """The names of all models in a schema, however deep."""
    if isinstance(schema, list):
        return set[str]().union(*(_named(one, document, seen) for one in schema))
    if not isinstance(schema, dict):
        return set()
    found = set[str]()
    if (name := str(schema.get("$ref", "")).rpartition("/")[2]) and name not in seen:
        found |= {name} | _named(document["components"]["schemas"][name], document, seen | {name})
    return found.union(*(_named(one, document, seen | found) for one in schema.values()))


def _is_bounded(schema: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether each text in it has a length, a pattern, a format or a list of choices."""
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else ())]
    if schema.get("type") == "string":
        return bool({"maxLength", "pattern", "format", "enum", "const", "contentMediaType"} & schema.keys())
    return all(_is_bounded(one, document) for one in parts)
