"""The OpenAPI document: what FastAPI finds by itself, the four deliverables of a draft, and working examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from engine.domain.deliverables import Deliverables
from engine.domain.steps import Step

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


def describe(app: FastAPI) -> None:
    """Makes the application answer with this document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["summary"] = operation["description"].split(". ")[0].split(";")[0].rstrip(".")
    models = [(model, "validation") for model in Deliverables.MODELS.values()]
    _, schemas = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]
    parts = {
        name: one | {"additionalProperties": False} for name, one in schemas["$defs"].items() if "properties" in one
    }
    found["components"]["schemas"] |= schemas["$defs"] | parts
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
