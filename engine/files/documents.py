"""Roadmap editions and approval policies from YAML, with every error named by line and key.

Only plain data is read: no tags, no anchors that multiply, no key twice.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from holidays import list_supported_countries
from pydantic import BaseModel, ValidationError

from engine.domain.organisation import Organisation
from engine.domain.policy import Policy
from engine.domain.roadmap import Edition
from engine.domain.routing import has_one_final_stage
from engine.files.complaints import complaint
from engine.files.errors import WORDS, Fault, FileError
from engine.files.tables import read_text

Document = TypeVar("Document", bound=BaseModel)


def read_edition(path: Path) -> Edition:
    """A roadmap edition.

    Raises:
        FileError: names file, line and key.
    """
    return read_document(path, Edition)


def read_policy(path: Path, organisation: Organisation | None = None) -> Policy:
    """An approval policy; each rule has one final stage, its last, and names only units of `organisation`.

    Raises:
        FileError: names file, line and key of every error.
    """
    policy = read_document(path, Policy)
    lines = _Lines(path, read_text(path))
    found = [Fault(lines.at(place), _key(place), *said) for place, said in _faults(policy, organisation)]
    if found:
        raise FileError.several(path, found)
    return policy


def _faults(
    policy: Policy, organisation: Organisation | None
) -> Iterator[tuple[tuple[str | int, ...], tuple[str, str]]]:
    """Places that no model can see alone, with what is wrong there in both languages."""
    if policy.holidays_country not in list_supported_countries():
        yield ("holidays_country",), ("その国の祝日はわかりません", "no holidays are known for this country")
    units = {unit.code for unit in organisation.units} if organisation is not None else set()
    for number, rule in enumerate(policy.rules):
        if not has_one_final_stage(rule.stages):
            said = ("決裁(final)の段階は最後にちょうど1つ必要です", "exactly one stage is final, and it is last")
            yield ("rules", number, "stages"), said
        for index, stage in enumerate(rule.stages):
            place = ("rules", number, "stages", index)
            if isinstance(stage.quorum, int) and stage.quorum > len(stage.posts):
                yield (*place, "quorum"), ("職の数より多い定数です", "more than there are posts")
            for at, post in enumerate(stage.posts):
                kind, _, code = post.partition("@")
                if units and kind == "head" and code and code not in units:
                    yield (*place, "posts", at), WORDS["unknown_unit"]


def read_document(path: Path, model: type[Document], prepared: Callable[[str], str] = str) -> Document:
    """A YAML file as a model; `prepared` may put words into its text before it is read, but no lines.

    Raises:
        FileError: names line and key of every error, in both languages.
    """
    lines = _Lines(path, prepared(read_text(path)))
    try:
        return model.model_validate(lines.data, extra="forbid")
    except ValidationError as error:
        found: dict[str, Fault] = {}
        for one in error.errors():
            place = lines.within(one["loc"], named=one["type"] == "missing")
            found.setdefault(_key(place), Fault(lines.at(place), _key(place), *complaint(one)))
        raise FileError.several(path, list(found.values())) from error


def _key(place: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in place)


class _Lines:
    """The data of a YAML file, and the line on which each place stands."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        try:
            alias = next((one for one in yaml.parse(text, yaml.SafeLoader) if isinstance(one, yaml.AliasEvent)), None)
            if alias is not None:  # a few of them can stand for billions of values
                line = alias.start_mark.line + 1 if alias.start_mark else None
                raise FileError(path, "別名(*)は使えません", "aliases are not taken", row=line)
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line = mark.line + 1 if mark else None
            raise FileError(path, "YAML として読めません", f"not YAML: {error.problem}", row=line) from error
        except yaml.YAMLError as error:
            raise FileError(path, "YAML として読めません", "not YAML") from error
        self.data = self._plain(self._root) if self._root is not None else {}

    def within(self, place: tuple[str | int, ...], *, named: bool) -> tuple[str | int, ...]:
        """The part of a place that stands in the file, without a model's own forks; `named` keeps a missing key."""
        node: Any = self.data
        for depth, part in enumerate(place):
            inside = part in node if isinstance(node, dict) else isinstance(node, list) and part in range(len(node))
            if not inside:
                return place[: depth + named]
            node = node[part]
        return place

    def at(self, place: tuple[Any, ...]) -> int:
        """The line of a place, or of the nearest thing around it that is there."""
        node, line = self._root, 1
        for part in place:
            match node:
                case yaml.MappingNode():
                    pair = next((one for one in node.value if one[0].value == str(part)), None)
                    if pair is None:
                        return line
                    line, node = pair[0].start_mark.line + 1, pair[1]
                case yaml.SequenceNode() if isinstance(part, int) and part < len(node.value):
                    node = node.value[part]
                    line = node.start_mark.line + 1
                case _:
                    return line
        return line

    def _plain(self, node: yaml.Node) -> Any:
        match node:
            case yaml.MappingNode():
                found: dict[str, Any] = {}
                for key, value in node.value:
                    name = str(key.value)
                    if name in found:
                        line = key.start_mark.line + 1
                        raise FileError(self._path, "キーが重複しています", "key stands twice", row=line, column=name)
                    found[name] = self._plain(value)
                return found
            case yaml.SequenceNode():
                return [self._plain(one) for one in node.value]
            case _:
                try:
                    return _scalar(node)
                except (yaml.YAMLError, ValueError) as error:
                    line = node.start_mark.line + 1
                    raise FileError(self._path, "この値は使えません", "this value is not taken", row=line) from error


def _scalar(node: yaml.Node) -> Any:
    """What a plain word means; a date stays text, since the models read dates themselves."""
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()
