from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Deliverables
from engine.domain.steps import Step
from engine.language.enums import WORDS, word
from engine.language.fields import FIELDS, label


def paths(model: type[BaseModel], at: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        here = f"{at}.{field.alias or name}".strip(".")
        yield here
        for inner in models_in(field.annotation):
            yield from paths(inner, here)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def enumerations() -> list[type[StrEnum]]:
    """All that a cycle or what it hands in can hold."""
    models = {inner for model in (CycleState, *models_in(CycleState)) for inner in models_below(model)}
    found = {
        one for model in models for field in model.model_fields.values() for one in enumerations_in(field.annotation)
    }
    return sorted(found, key=lambda one: one.__name__)


def models_below(model: type[BaseModel]) -> set[type[BaseModel]]:
    found, new = {model}, [model]
    while new:
        for field in new.pop().model_fields.values():
            fresh = set(models_in(field.annotation)) - found
            found |= fresh
            new += fresh
    return found


def enumerations_in(annotation: Any) -> Iterator[type[StrEnum]]:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield annotation
    for inner in get_args(annotation):
        yield from enumerations_in(inner)


def test_every_field_that_a_step_hands_in_has_a_label_in_both_languages() -> None:
    found = list(paths(Deliverables))
    assert len(found) > 90
    unlabelled = [path for path in found if label(path, "ja") == path.rsplit(".", 1)[-1]]
    assert unlabelled == []


@pytest.mark.parametrize("enumeration", enumerations(), ids=lambda one: one.__name__)
def test_every_value_of_the_domain_has_a_word_in_both_languages(enumeration: type[StrEnum]) -> None:
    assert set(WORDS[enumeration.__name__]) == {one.value for one in enumeration}
    assert all(ja.strip() and en.strip() for ja, en in WORDS[enumeration.__name__].values())


def test_enumerations_do_not_share_a_name_so_a_word_is_never_another_ones() -> None:
    names = [one.__name__ for one in enumerations()]
    assert sorted(set(names)) == names


def test_the_longest_known_end_of_a_path_names_the_field() -> None:
    assert label("imagine.metrics.0.kind", "ja") == "指標の種類"
    assert label("transform.changes.3.kind", "en") == "Kind of change"
    assert label("realise.actual", "en") == "Actual"
    assert label("imagine.as_is.minutes_per_case", "ja") == "1件あたりの時間（分/件）"
    assert label("imagine.added_later", "ja") == "added_later"


def test_words_speak_both_languages() -> None:
    assert (word(Step.REALISE, "ja"), word(Step.REALISE, "en")) == ("実感する", "Realise")


def test_no_label_is_blank() -> None:
    assert all(ja.strip() and en.strip() for ja, en in FIELDS.values())
