"""The OpenAPI document: what FastAPI finds by itself, the four deliverables of a draft, and working examples."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from api.http.parameters import IDENTIFIER
from api.http.responses import refusal
from api.schemas.cycle import CYCLE_EXAMPLE
from engine.domain.deliverables import Deliverables
from engine.domain.steps import Step

_MANNER = {"additionalProperties", "default"}
REFERENCE = "#/components/schemas/{model}"
EXAMPLES: dict[Step, dict[str, Any]] = {
    Step.IMAGINE: {
        "ideal_statement": "台帳に書き写さずに、窓口でそのまま証明書を渡せる",
        "challenged_assumptions": [{"text": "発行のたびに紙の台帳へ書く", "kind": "habit"}],
        "as_is": {"cases_per_year": 1200, "minutes_per_case": 6},
        "metrics": [
            {"code": "minutes", "name": "1件あたりの時間", "unit": "分/件", "direction": "down", "kind": "outcome",
             "baseline": 6, "target": 2},
        ],
        "left_behind": {"groups": [], "offline_route": "窓口での申請も受ける", "support": "職員が代わりに入力する"},
    },
    Step.TRANSFORM: {
        "changes": [{"kind": "abolish", "what": "台帳への転記をやめる"}],
        "to_be": {"minutes_per_case": 2},
        "checks": {"security": "ok", "privacy": "ok", "accessibility": "na"},
    },
    Step.REALISE: {
        "results": [{"metric": "minutes", "value": 2.5, "from": "2026-07-01", "to": "2026-08-15", "n": 100}],
        "actual": {"cases_per_year": 1150, "minutes_per_case": 2.5},
        "verdict": "partial",
        "decision": "adopt",
    },
    Step.SHARE: {
        "case": {"summary": "台帳への転記をやめ、1件6分を2分半にした"},
        "lessons_failed": "最初の様式は字が小さかった",
        "next": [{"kind": "expand", "org_scope": "unit", "reason": "係の全員で行う"}],
    },
}  # fmt: skip
"""One light form for each step, as one person would hand it in."""


def document(title: str, version: str, description: str, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document of these routes; it takes a second to make."""
    found = get_openapi(
        title=title, version=version, description=description, routes=routes,
        servers=[{"url": "/", "description": "this installation"}],
    )  # fmt: skip
    schemas = found["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    models = [(model, "validation") for model in Deliverables.MODELS.values()]
    _, drafts = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]
    strict = {
        name: one | {"additionalProperties": False} if "properties" in one else one
        for name, one in drafts["$defs"].items()
    }
    found["components"]["schemas"] = merged(schemas, strict)
    _readable(found["components"]["schemas"])
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            operation["summary"] = operation["description"].split(". ")[0].split(";")[0].rstrip(".")
            operation["responses"] = _answers(path, method, operation)
            _without_null(operation.get("requestBody", {}))
            for one in operation.get("parameters", ()):
                if one["in"] == "path" and one["schema"].get("type") == "string":
                    one["schema"].setdefault("pattern", IDENTIFIER)
    found["paths"]["/api/v1/cycles/{cycle}/draft"]["put"]["requestBody"] = {
        "required": True,
        "description": "The current step's deliverable. It may be incomplete; unknown fields are refused.",
        "content": {
            "application/json": {
                "schema": {"oneOf": [{"$ref": REFERENCE.format(model=model.__name__)} for model, _ in models]},
                "examples": {step.value: {"value": example} for step, example in EXAMPLES.items()},
            }
        },
    }
    return found


def _readable(schemas: Mapping[str, Any]) -> None:
    """Mends what FastAPI makes of our models: nulls fall out of examples, generators stop at an object by default."""
    schemas["CycleView"]["examples"] = [CYCLE_EXAMPLE]
    for schema in schemas.values():
        for one in schema.get("properties", {}).values():
            if isinstance(one.get("default"), dict) and ("$ref" in one or "anyOf" in one):
                del one["default"]


def merged(schemas: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both, where a name of both means the same.

    Raises:
        ValueError: one name stands for two things, or two names carry one title: no client could be made from it.
    """
    for name in schemas.keys() & more.keys():
        if _meaning(schemas[name]) != _meaning(more[name]):
            raise ValueError(f"two schemas are called {name}")
    found = dict(schemas) | dict(more)
    titles: dict[str, str] = {}
    for name, one in found.items():
        other = titles.setdefault(one.get("title", name), name)
        if other != name:
            raise ValueError(f"{other} and {name} carry one title")
    return found


def _meaning(schema: Any) -> Any:
    """A schema without what only says how strict or how blank it is."""
    if isinstance(schema, dict):
        return {key: _meaning(value) for key, value in schema.items() if key not in _MANNER}
    return [_meaning(one) for one in schema] if isinstance(schema, list) else schema


def _without_null(body: Mapping[str, Any]) -> None:
    """A body that may be left out is described as that, and not as one that may be `null`."""
    for content in body.get("content", {}).values():
        real = [one for one in content["schema"].get("anyOf", ()) if one != {"type": "null"}]
        if len(real) == 1:
            content["schema"] = real[0]


def _answers(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    """Every status the operation can have: its own, and what any request can meet on its way."""
    statuses = {422, 429, 503}
    kinds = operation.get("requestBody", {}).get("content", {})
    if "application/json" in kinds:
        statuses |= {400, 415}
    if "multipart/form-data" in kinds:
        statuses.add(400)
    if method in {"post", "put"}:
        statuses |= {408, 413}
    if "{" in path:
        statuses.add(404)
    more = {str(status): refusal(status) for status in statuses}
    own = {
        status: refusal(int(status)) if int(status) >= 400 else one for status, one in operation["responses"].items()
    }
    return dict(sorted((more | own).items()))
