"""Roadmap editions and approval policies from YAML, with every error named by line and key.

Only plain data is read: no tags, no anchors that multiply, no key twice.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from engine.domain.cycle.incoming import faults
from engine.domain.organisation.organisation import Organisation
from engine.domain.review.policy import Policy
from engine.domain.roadmap import Edition
from engine.domain.text import Limits
from engine.exchange.document_faults import Found, edition_faults, policy_faults
from engine.exchange.errors import Fault, FileError
from engine.exchange.file_faults import complaint, said_of
from engine.exchange.tables import read_text
from engine.language.catalogues import both

Document = TypeVar("Document", bound=BaseModel)
DEEPEST = 30
"""Levels of a file; ours have a handful."""
LONG = Limits(20_000)


def read_edition(path: Path) -> Edition:
    """A roadmap edition; each code stands once.

    Raises:
        FileError: names file, line and key of every error.
    """
    return read_document(path, Edition, further=edition_faults)


def read_policy(path: Path, organisation: Organisation | None = None) -> Policy:
    """An approval policy; each rule has one final stage, its last, and names only units of `organisation`.

    Raises:
        FileError: names file, line and key of every error.
    """
    return read_document(path, Policy, further=lambda policy: policy_faults(policy, organisation))


def read_document(
    path: Path,
    model: type[Document],
    prepared: Callable[[str], str] = str,
    further: Callable[[Document], Found] = lambda _: iter(()),
) -> Document:
    """A YAML file as a model.

    Args:
        path: the file.
        model: what it holds.
        prepared: may put words into its text before it is read, but no lines.
        further: what only the whole shows to be wrong.

    Raises:
        FileError: names line and key of every error, in both languages.
    """
    lines = _Lines(path, prepared(read_text(path)))
    document = _model(path, lines, model)
    found = [Fault(lines.at(place), _key(place), *said) for place, said in (*_signs(document), *further(document))]
    if found:
        raise FileError.several(path, found)
    return document


def _signs(document: BaseModel) -> Found:
    """Texts and days of a file that could never be written."""
    for one in faults(document, limits=LONG):
        place = tuple(int(part) if part.isdecimal() else part for part in one.pointer.split("/")[1:])
        yield place, said_of(one)


def _model(path: Path, lines: "_Lines", model: type[Document]) -> Document:
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
            self._look_through(text)
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line = mark.line + 1 if mark else None
            raise FileError(path, *both("not YAML: {problem}", problem=error.problem), row=line) from error
        except yaml.YAMLError as error:
            raise FileError(path, *both("not YAML")) from error
        self.data = self._plain(self._root) if self._root is not None else {}

    def _look_through(self, text: str) -> None:
        """Stops at an alias, a few of which can stand for billions of values, and before it becomes too deep."""
        depth = 0
        for event in yaml.parse(text, yaml.SafeLoader):
            row = event.start_mark.line + 1 if event.start_mark else None
            if isinstance(event, yaml.AliasEvent):
                raise FileError(self._path, *both("aliases are not taken"), row=row)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise FileError(self._path, *both("this is nested too deep"), row=row)

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
                        raise FileError(self._path, *both("key stands twice"), row=line, column=name)
                    found[name] = self._plain(value)
                return found
            case yaml.SequenceNode():
                return [self._plain(one) for one in node.value]
            case _:
                try:
                    return _scalar(node)
                except (yaml.YAMLError, ValueError) as error:
                    line = node.start_mark.line + 1
                    raise FileError(self._path, *both("this value is not taken"), row=line) from error


def _scalar(node: yaml.Node) -> Any:
    """What a plain word means; a date stays text, since the models read dates themselves."""
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()
