"""The step's form, made from the deliverable's model: what is asked, what is there, and what came back.

Names of controls are paths with dots (`metrics.0.baseline`). Everything works without script: lists grow and shrink
by submit buttons. Must not know HTTP: it reads a mapping of texts.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from api.web.format.dates import Days
from api.web.format.gettext import name_of
from engine.domain.deliverables.required import Need, Profile
from engine.domain.text import normal
from engine.language.catalogues import Language
from engine.language.fields import label
from engine.language.form_help import help_of

Kind = Literal["line", "text", "number", "date", "choice", "ticks", "lines", "group", "rows", "hidden"]
Options = tuple[tuple[str, str], ...]
_LONG = 1000
"""From this many characters on a text gets an area of its own."""


class FormField(BaseModel):
    """One control, or a group of them; `parts` are a group's fields, `rows` a list's."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    kind: Kind
    value: Any = ""
    options: Options = ()
    required: bool = False
    help: str = ""
    example: str = ""
    unit: str = ""
    error: str = ""
    parts: tuple["FormField", ...] = ()
    rows: tuple[tuple["FormField", ...], ...] = ()
    none_allowed: bool = False
    says: str = ""
    """A day as readers write it, where `value` is one."""


class Asking(BaseModel):
    """For whom a form is made.

    Args:
        step: the first part of every label's path.
        errors: messages by JSON pointer.
        more: names of lists that show one more empty row.
        choices: options by path without numbers, for texts that name something known.
    """

    model_config = ConfigDict(frozen=True)

    step: str
    language: Language
    profile: Profile
    errors: Mapping[str, str] = Field(default_factory=dict)
    more: frozenset[str] = frozenset()
    choices: Mapping[str, Options] = Field(default_factory=dict)


def fields(model: type[BaseModel], given: Mapping[str, Any], asking: Asking, at: str = "") -> tuple[FormField, ...]:
    """The controls of a model, filled with plain JSON."""
    return tuple(
        _field(info, f"{at}{info.alias or name}", given.get(info.alias or name), asking)
        for name, info in model.model_fields.items()
    )


def read(model: type[BaseModel], form: Mapping[str, Sequence[str]], at: str = "") -> dict[str, Any]:
    """The form's texts as plain JSON for the model; what is empty is left out, what is no number stays a text."""
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        alias = info.alias or name
        value = _read(info, form, f"{at}{alias}")
        if value is not None:
            found[alias] = value
    return found


def pointer_of(name: str) -> str:
    """The JSON pointer of a control."""
    return "/" + name.replace(".", "/")


def _field(info: FieldInfo, name: str, value: Any, asking: Asking) -> FormField:
    kind, inner = _kind(info)
    plain = ".".join(part for part in name.split(".") if not part.isdigit())
    path = f"{asking.step}.{plain}"
    meant, example, unit = help_of(path, asking.language)
    need = next((mark for mark in info.metadata if isinstance(mark, Need)), None)
    options = asking.choices.get(plain) or _options(inner, asking.language)
    if asking.choices.get(plain) and kind in {"line", "text"}:
        kind = "choice"
    base = FormField(
        name=name,
        label=label(path, asking.language),
        kind="hidden" if plain == "metrics.code" else kind,
        value=shown(value, kind),
        says=day_said(value, asking.language) if kind == "date" else "",
        options=options,
        required=need is not None and need.binds(asking.profile),
        help=meant,
        example=example,
        unit=unit,
        error=asking.errors.get(pointer_of(name), ""),
        none_allowed=kind == "lines" and info.default is None,
    )
    if kind == "group" and _is_model(inner):
        return base.model_copy(update={"parts": fields(inner, value or {}, asking, f"{name}.")})
    if kind == "rows" and _is_model(inner):
        items = list(value or [])
        if plain in asking.more or (not items and base.required):
            items.append({})
        rows = tuple(fields(inner, one, asking, f"{name}.{index}.") for index, one in enumerate(items))
        return base.model_copy(update={"rows": rows})
    return base


def is_named(model: type[BaseModel], name: str) -> bool:
    """Whether the form of a model has a control of this name."""
    head, _, rest = name.partition(".")
    info = next((one for key, one in model.model_fields.items() if (one.alias or key) == head), None)
    if info is None:
        return False
    kind, inner = _kind(info)
    if kind == "rows":
        number, _, rest = rest.partition(".")
        return number.isascii() and number.isdecimal() and len(number) < 4 and is_named(inner, rest)
    if kind == "group" and _is_model(inner):
        return is_named(inner, rest)
    return not rest or (kind == "lines" and rest == "none")


def _kind(info: FieldInfo) -> tuple[Kind, Any]:
    """Which control a field needs, and the type inside it."""
    inner, limit = _bare(info.annotation), _limit(info)
    if get_origin(inner) is tuple:
        item = _bare(get_args(inner)[0])
        if _is_model(item):
            return "rows", item
        return ("ticks", item) if _is_enum(item) else ("lines", item)
    if _is_model(inner):
        return "group", inner
    if _is_enum(inner) or inner is bool:
        return "choice", inner
    if inner in {int, float}:
        return "number", inner
    if inner is str:
        return ("text" if limit >= _LONG else "line"), inner
    return "date", inner


def _bare(annotation: Any) -> Any:
    """A type without `Annotated` and `None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in {Union, UnionType}:
            annotation = next(one for one in get_args(annotation) if one is not NoneType)
        else:
            return annotation


def _limit(info: FieldInfo) -> int:
    def lengths(annotation: Any) -> Iterator[int]:
        for one in get_args(annotation):
            found = [one, *getattr(one, "metadata", ())]
            yield from (int(mark.max_length) for mark in found if getattr(mark, "max_length", None))
            yield from lengths(one)

    own = [int(mark.max_length) for mark in info.metadata if getattr(mark, "max_length", None)]
    return max([*own, *lengths(info.annotation)], default=0)


def _options(inner: Any, language: Language) -> Options:
    if inner is bool:
        return (("true", "はい"), ("false", "いいえ")) if language == "ja" else (("true", "Yes"), ("false", "No"))
    return tuple((one.value, name_of(one, language)) for one in inner) if _is_enum(inner) else ()


def day_said(value: Any, language: Language) -> str:
    """A day of a sheet as readers write it; empty when it is none."""
    try:
        return Days(language, ZoneInfo("UTC")).day(date.fromisoformat(str(value)))
    except ValueError:
        return ""


def shown(value: Any, kind: Kind) -> Any:
    """A value as its control holds it."""
    if kind == "lines":
        return "\n".join(str(one) for one in value or ()) if not isinstance(value, str) else value
    if kind == "ticks":
        return tuple(value or ())
    if kind in {"group", "rows"}:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _read(info: FieldInfo, form: Mapping[str, Sequence[str]], name: str) -> Any:
    kind, inner = _kind(info)
    text = next(iter(form.get(name, ())), "").strip()
    match kind:
        case "group":
            return read(inner, form, f"{name}.") or None
        case "rows":
            rows = (read(inner, form, f"{name}.{index}.") for index in _indexes(form, name))
            return [one for one in rows if any(key != "code" for key in one)] or None
        case "ticks":
            return [one for one in form.get(name, ()) if one] or None
        case "lines":
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            return lines or ([] if form.get(f"{name}.none") and info.default is None else None)
        case "number":
            return _number(text, inner) if text else None
        case "choice" if inner is bool:
            return {"true": True, "false": False}.get(text)
        case _:
            return normal(text) or None


def _indexes(form: Mapping[str, Sequence[str]], name: str) -> list[int]:
    after = (one[len(name) + 1 :].split(".")[0] for one in form if one.startswith(f"{name}."))
    return sorted({int(one) for one in after if one.isdecimal() and len(one) < 4})


def _number(text: str, kind: type) -> int | float | str:
    """A number as people write it: full width, with thousands' commas; anything else stays as it was typed."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    try:
        value = float(plain)
    except ValueError:
        return text
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - only NaN differs from itself
        return text
    return int(value) if kind is int and value.is_integer() else value


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)
