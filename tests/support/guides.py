"""The blocks that our pages show, as a test runs them: `sh` in a shell, `http` as a request, `json` as a file.

A comment right above a block says what is particular about it; readers never see it:

* `<!-- not run: REASON -->` the block cannot run here; `<!-- long: REASON -->` it runs with `make test-all` only
* `<!-- file: NAME -->` what the block holds lies in the working directory under that name, as the page says
* `<!-- shows: TEXT -->` the output, or the answer's body, holds this text
* `<!-- answers: 422 -->` the answer's status, 2xx unless said; `<!-- keeps: NAME = key.0.key -->` a variable from it
"""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

KINDS = ("sh", "http", "json")
NEEDS_A_REASON = ("not run", "long")
MARKS = (*NEEDS_A_REASON, "file", "shows", "answers", "keeps")
BLOCK = re.compile(r"((?:^ *<!-- [^\n]+ -->\n)*)^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"<!-- (?P<name>[a-z ]+): (?P<value>.+?) -->")
ASSIGNED = re.compile(r"^([A-Z]+)=", re.MULTILINE)
ALIAS = re.compile(r"^alias .+$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    kind: str
    text: str
    marks: tuple[tuple[str, str], ...]

    def mark(self, name: str) -> str | None:
        return next((value for given, value in self.marks if given == name), None)

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: str, text: str) -> list[Block]:
    """Every block of a kind that runs; a mark that nobody knows is a fault of the page."""
    found = []
    for match in BLOCK.finditer(text):
        if match[3] not in KINDS:
            continue
        marks = tuple((one["name"], one["value"]) for one in MARK.finditer(match[1]))
        line = text.count("\n", 0, match.start(3)) + 1
        assert {name for name, _ in marks} <= set(MARKS), f"{page}:{line}: {marks}"
        found.append(Block(page, line, match[3], match[4], marks))
    return found


@dataclass
class Reader:
    """Somebody who types what stands there: one working directory, variables and aliases kept from block to block."""

    folder: Path
    url: str
    stand_ins: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)

    def follow(self, block: Block) -> str:
        """Does what the block shows; gives its place, and fails where it does not hold."""
        text = block.text
        for said, meant in self.stand_ins.items():
            text = text.replace(said, meant)
        match block.kind:
            case "sh":
                output = self._type(block, text)
            case "http":
                output = self._send(block, text)
            case _:
                name = block.mark("file")
                assert name, f"{block.place}: is it a file (<!-- file: NAME -->) or not run, and why?"
                (self.folder / name).write_text(text, encoding="utf-8")
                output = text
        for name, value in block.marks:
            assert name != "shows" or self._meant(value) in output, f"{block.place} does not show {value}:\n{output}"
        return block.place

    def _type(self, block: Block, text: str) -> str:
        self.aliases += ALIAS.findall(text)
        names = ASSIGNED.findall(text)
        kept = self.folder / "variables"
        lines = [
            "shopt -s expand_aliases",
            "set -eo pipefail",
            'curl() { command curl --noproxy "*" --silent --show-error --fail-with-body "$@"; }',
            *self.aliases,
            text,
            *(f'printf "%s\\0" "${name}" >> {kept}' for name in names),
        ]
        kept.unlink(missing_ok=True)
        done = subprocess.run(
            ["bash", "-c", "\n".join(lines)],
            cwd=self.folder, env=os.environ | self.variables, capture_output=True, text=True, timeout=400,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block.place} failed:\n{done.stdout}{done.stderr}"
        if names:
            values = kept.read_text(encoding="utf-8").split("\0")
            self.variables |= dict(zip(names, values, strict=False))
        return done.stdout + done.stderr

    def _send(self, block: Block, text: str) -> str:
        said = self._meant(text)
        head, _, body = said.partition("\n\n")
        first, *rest = head.strip().splitlines()
        method, address = first.split()[:2]
        headers = dict(line.split(": ", 1) for line in rest)
        content = body.strip().encode() or None
        answer = httpx.request(
            method, self.url + address, headers=headers, content=content, timeout=120, trust_env=False
        )
        wanted = block.mark("answers")
        fits = str(answer.status_code) == wanted if wanted else answer.is_success
        assert fits, f"{block.place} answered {answer.status_code}:\n{answer.text}"
        for name, value in block.marks:
            if name == "keeps":
                variable, _, path = value.partition(" = ")
                self.variables[variable] = str(_found(answer.json(), path))
        return answer.text

    def _meant(self, text: str) -> str:
        return re.sub(r"\$([A-Z]+)", lambda name: self.variables[name[1]], text)


def _found(body: Any, path: str) -> Any:
    for part in path.split("."):
        body = body[int(part)] if isinstance(body, list) else body[part]
    return body
