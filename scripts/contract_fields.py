"""Everything that people's programs, running cycles and old journals rest on, as plain lines: a name and what it is.

`http` addresses, parameters, bodies and answers · `api` the fields and values of their schemas · `event` and `fact`
what journal and ledger hold · `payload` what crosses the Temporal wire · `cli` commands and options · `setting` the
variables. Must not know what stood there before; see `scripts.contract_ledger`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer.main
from pydantic import BaseModel, SecretStr, TypeAdapter

from api.app import create_app
from api.cli.main import app as command_line
from engine.contracts import cycle, delivery, milestones
from engine.domain.base import Frozen
from engine.domain.cycle.commands import Command
from engine.domain.cycle.events import Event, EventData
from engine.domain.cycle.state import CycleState
from engine.domain.ledger.facts import Entry, Fact
from engine.runtime.settings import Settings

Line = tuple[str, str]
SENT, GIVEN, BOTH = "sent", "given", "sent and given"
"""Who writes a field: whoever calls, the program, or both of them."""
WIRES = (cycle, delivery, milestones)
"""The modules whose models cross the Temporal wire."""
BARE = re.compile(r"\{[^}]*\}")


def lines() -> dict[str, str]:
    """All of it, by name."""
    found: dict[str, str] = {}
    for name, said in _all():
        if found.setdefault(name, said) != said:
            raise ValueError(f"{name} is two things: {found[name]}, and {said}")
    return found


def _all() -> Iterator[Line]:
    document = create_app(Settings(secret=SecretStr("s" * 40))).openapi()
    yield from of_document(document)
    yield from of_events("event", EventData, Event)
    yield from of_events("fact", Fact, Entry)
    payloads = [one for wire in WIRES for one in vars(wire).values() if _is_model(one, wire.__name__)]
    yield from of_models("payload", [*payloads, Command, CycleState])
    yield from of_commands((), typer.main.get_command(command_line))
    for name, field in Settings.model_fields.items():
        required = "required" if field.is_required() else "optional"
        yield f"setting SPIRAL_{name.upper()}", f"{SENT} {required} {_python_type(field.annotation)}"


def of_document(document: Mapping[str, Any]) -> Iterator[Line]:
    """What an OpenAPI document promises."""
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    bodies: list[Any] = []
    answers: list[Any] = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = f"http {method.upper()} {BARE.sub('{}', path)}"
            yield place, str(operation.get("operationId", ""))
            for one in operation.get("parameters", ()):
                if one["in"] != "path":
                    yield f"{place} {one['in']} {one['name']}", f"{SENT} {_need(one)} {type_of(one['schema'])}"
            body = operation.get("requestBody", {})
            for kind, content in body.get("content", {}).items():
                yield f"{place} body {kind}", f"{SENT} {_need(body)} {type_of(content['schema'])}"
                bodies.append(content["schema"])
            for status, answer in operation["responses"].items():
                for kind, content in answer.get("content", {}).items():
                    if int(status) < 400:  # every refusal is a problem
                        yield f"{place} {status} {kind}", f"{GIVEN} required {type_of(content.get('schema', {}))}"
                    answers.append(content.get("schema", {}))
    sent, given = _named(bodies, schemas), _named(answers, schemas)
    for name, schema in schemas.items():
        who = BOTH if name in sent & given else SENT if name in sent else GIVEN
        yield from of_schema(f"api {name}", schema, who)


def of_events(area: str, union: Any, envelope: type[BaseModel]) -> Iterator[Line]:
    """Every event or fact with its version, and the values they hold."""
    for model in get_args(get_args(union)[0]):
        kind, version = model.model_fields["type"].default, model.model_fields["version"].default
        yield from of_schema(f"{area} {kind}.{version}", _schema(model), BOTH)
    held = _schema(envelope)
    yield from of_schema(f"{area} envelope", held, BOTH)
    types = {one.__name__ for one in get_args(get_args(union)[0])}
    for name, schema in held["$defs"].items():
        if name not in types:
            yield from of_schema(f"{area} value {name}", schema, BOTH)


def of_models(area: str, models: Iterable[type[BaseModel]]) -> Iterator[Line]:
    """The fields of these models; what they hold in turn is told once, by its own name."""
    for model in models:
        schema = _schema(model)
        yield from of_schema(f"{area} {model.__name__}", schema, BOTH)
        events = {one.__name__ for one in get_args(get_args(EventData)[0])}
        for name, inner in schema.get("$defs", {}).items():
            if name not in events:
                yield from of_schema(f"{area} {name}", inner, BOTH)


def of_schema(name: str, schema: Mapping[str, Any], who: str) -> Iterator[Line]:
    """The fields of an object, or the values of an enumeration."""
    for value in schema.get("enum", ()):
        yield f"{name} = {value}", "value"
    required = set(schema.get("required", ()))
    for field, one in schema.get("properties", {}).items():
        yield f"{name}.{field}", f"{who} {'required' if field in required else 'optional'} {type_of(one)}"


def of_commands(path: tuple[str, ...], command: Any) -> Iterator[Line]:
    """A command with its arguments and options, or all of a group."""
    inside: Mapping[str, Any] = getattr(command, "commands", {})
    for name, one in inside.items():
        yield from of_commands((*path, name), one)
    if inside:
        return
    place = f"cli spiral {' '.join(path)}"
    yield place, "command"
    arguments = 0
    for one in command.params:
        kind = _kind_of(one)
        if one.param_type_name == "argument":
            arguments += 1
            yield f"{place} argument {arguments}", f"{SENT} {_need(vars(one))} {kind}"
            continue
        for option in (*one.opts, *one.secondary_opts):
            if option != "--help":
                yield f"{place} {option}", f"{SENT} {_need(vars(one))} {kind}"


def type_of(schema: Mapping[str, Any]) -> str:  # noqa: PLR0911 - a line each
    """A JSON schema as one word; how long or large something may be is left out.

    >>> type_of({"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Step"}}, {"type": "null"}]})
    'list of Step or null'
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " or ".join(f'"{one}"' for one in sorted(map(str, schema["enum"])))
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(
                sorted({type_of(one) for one in schema[several]}, key=lambda one: (one == "null", one))
            )
    if len(schema.get("allOf", ())) == 1:
        return type_of(schema["allOf"][0])
    match schema.get("type"):
        case "array":
            return f"list of {type_of(schema.get('items', {}))}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"map of {type_of(schema['additionalProperties'])}"
        case str(kind):
            return f"{kind} {schema['format']}" if "format" in schema else kind
    return "anything"


def _need(one: Mapping[str, Any]) -> str:
    return "required" if one.get("required") else "optional"


def _kind_of(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return "flag"
    choices = getattr(parameter.type, "choices", None)
    kind = " or ".join(f'"{getattr(one, "value", one)}"' for one in choices) if choices else str(parameter.type.name)
    return f"{kind}, several" if getattr(parameter, "multiple", False) or parameter.nargs == -1 else kind


def _python_type(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        return _python_type(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return " or ".join(_python_type(one).replace("NoneType", "None") for one in get_args(annotation))
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return re.sub(r"\b(?:[a-z_]+\.)+", "", text).replace(" | ", " or ")


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return TypeAdapter(model).json_schema(mode="validation")


def _is_model(value: object, module: str) -> bool:
    return isinstance(value, type) and issubclass(value, Frozen) and value.__module__ == module


def _named(schema: Any, schemas: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names of all schemas in this one, however deep."""
    if isinstance(schema, list):
        return seen.union(*(_named(one, schemas, seen) for one in schema))
    if not isinstance(schema, Mapping):
        return seen
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name in schemas and name not in seen:
        seen = _named(schemas[name], schemas, seen | {name})
    return seen.union(*(_named(one, schemas, seen) for one in schema.values()))
