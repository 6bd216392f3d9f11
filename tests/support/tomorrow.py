"""A made-up release to come, whose `commented` has a second version: its class, its upcaster, and today's rows.

Version 2 says `words` where version 1 said `text`, and must say how it was meant.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal, Union, get_args

import pytest
from pydantic import BaseModel, BeforeValidator, Field, model_validator

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.domain.cycle import events as e
from engine.domain.upcasters import UPCASTERS, lifted

TODAY = ("commented", 1)


class CommentedOfTomorrow(e.Commented):
    """Still a comment to whoever asks, who finds its `text`; only `version: Literal[1]` and its fields differ."""

    version: Literal[2] = 2  # type: ignore[assignment]
    text: str = ""
    words: str
    tone: Literal["unknown", "asking", "telling"]

    @model_validator(mode="before")
    @classmethod
    def _as_text(cls, data: Any) -> Any:
        return {"text": data.get("words", "")} | data if isinstance(data, dict) else data


def upcast(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 as version 2: nobody was asked how it was meant."""
    words = data.pop("text")
    return data | {"words": words, "tone": "unknown"}


@contextmanager
def tomorrow(*, lifts: bool = True) -> Iterator[None]:
    """The program of that release for as long as the block lasts; without `lifts` somebody forgot the upcaster."""
    members = get_args(get_args(e.EventData)[0])
    others = tuple(CommentedOfTomorrow if one is e.Commented else one for one in members)
    with pytest.MonkeyPatch.context() as patch:
        if lifts:
            patch.setitem(UPCASTERS, TODAY, upcast)
        _events_are(Annotated[Union[others], Field(discriminator="type"), BeforeValidator(lifted)])  # noqa: UP007
        try:
            yield
        finally:
            _events_are(e.EventData)


def _events_are(data: Any) -> None:
    field = e.Event.model_fields["data"]
    fresh = type(field).from_annotation(data)
    e.Event.__pydantic_fields__["data"] = fresh
    models: tuple[type[BaseModel], ...] = (e.Event, AppendAsk, AppendAnswer)
    for model in models:
        model.model_rebuild(force=True)
