"""Write the page of states and moves, and its drawing, from the table of moves: `python -m scripts.states_and_moves`.

Given `--check` it writes nothing and names what is not as the table says; exit 1 if anything is.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from engine.domain.moves.catalogue import ROWS
from engine.domain.moves.table.cells import Answer, Because, Cell, Happens, TableRow
from engine.domain.moves.table.moves import Asker, Move, Occasion
from engine.domain.moves.table.named_states import STANDS, NamedState
from engine.domain.moves.table.rows import TIME
from engine.language.enums import word
from engine.language.refusals import sentence
from scripts.states_drawing import drawing

ROOT = Path(__file__).resolve().parent.parent
Named = NamedState | Move | Occasion | Asker | Because
TABLES: Mapping[str, Sequence[Move | Occasion]] = {
    "起案から提出まで / writing and handing in": (Move.SAVE_DRAFT, Move.SUBMIT, Move.PULL_BACK, Move.WITHDRAW),
    "決裁 / deciding": (
        Move.APPROVE, Move.APPROVE_WITH_CONDITIONS, Move.OPPOSE, Move.RETURN, Move.HOLD, Move.REJECT, Move.PULL_UP,
        Move.RETRACT, Move.RESUME,
    ),
    "経路のほか / beside the route": (
        Move.COMMENT, Move.CLOSE_CONDITION, Move.ASK, Move.ANSWER_QUESTION, Move.ACKNOWLEDGE, Move.POST_REVIEW,
        Move.ATTACH, Move.DETACH, Move.ASSIGN_STARTUP, Move.SET_VISIBILITY, Occasion.JOIN_PARENT,
    ),
}  # fmt: skip
SHORT: Mapping[Asker, str] = {
    Asker.OWNER: "担", Asker.DECIDER: "決", Asker.SUPERIOR: "上", Asker.OTHER: "他", Asker.SYSTEM: "シ",
}  # fmt: skip
INTRODUCTION = """\
# 状態と操作 / states and moves

<!-- Made from engine/domain/moves by scripts/states_and_moves.py; `make pages` writes it anew. -->

周回がとりうる状態と、そこで誰に何ができるか、できないときに何と断られるかの一覧です。

Where a cycle can stand, what can be done with it there and by whom, and how everything else is refused. **This page
is made from [the table](../../engine/domain/moves/catalogue.py) that the engine itself reads**: `allowed` tries no
move that the table does not know in a state, `decide` takes after the end what the table takes, and
[a test](../../tests/domain/test_every_state_and_command.py) holds every place of it against the rules. What the moves
mean stands in [deciding](deciding.md).

![{drawing}](../images/states.svg)

The frame holds the open states; what leads out of it can be done in each of them. The steps are left out: approving
leads to the draft of the next step, and after *Share* to the end.

## 状態 / states

| 状態 | State | Code | `status` | `step_status` |
|---|---|---|---|---|
"""
PEOPLE = """
## 誰が / who asks

| | 誰 | Who | In the table |
|---|---|---|---|
| 担 | 担当者 | owner | whoever the cycle belongs to |
| 決 | 決裁者 | decider | whom the route asks, or has asked last: here the head of the owner's unit |
| 上 | 上位者 | superior | the head above the decider, to whom the cycle was circulated |
| 他 | ほかの職員 | others | anybody else |
| シ | システム | the system | no person: another cycle, or the clock |

The table is of a cycle that one person works on and one head decides, in its third step. It has everything that a
move can be about: a condition, a question, a circulation, and a first decision by proxy, which the decider is to read
afterwards. One that sleeps has just been opened and has none of it.

## 一覧 / at a glance

Who may, and where it leads; in brackets, only in [cycles that differ](#操作ごと--move-by-move). 全 is everybody.

"""
BY_MOVE = """
## 操作ごと / move by move

Each with its command, its events in order, and the code of every refusal; these stand
[below in words](#断りのことば--refusals-in-words).
"""
BY_TIME = """
## 期日の到来 / a day comes

Time reminds, escalates and ends a hold. It never decides and never ends a cycle.

| 状態 State | Events | → |
|---|---|---|
"""
REFUSALS = """
## 断りのことば / refusals in words

| Code | 日本語 | English |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return "".join(
        (
            INTRODUCTION.replace("{drawing}", "周回の状態と操作 / the states of a cycle and the moves between them"),
            *(line + "\n" for line in _states()),
            PEOPLE,
            *(line + "\n" for line in _glance()),
            BY_MOVE,
            *(line + "\n" for moves in TABLES.values() for move in moves for line in _move(move, ROWS[move])),
            BY_TIME,
            *(f"| {_both(at)} | {_events(one)} | {_leads(one)} |\n" for at, one in TIME.items()),
            REFUSALS,
            *(f"| `{code}` | {sentence(code, 'ja')} | {sentence(code, 'en')} |\n" for code in _codes()),
        )
    )


def files() -> Mapping[Path, str]:
    """What is made, by where it stands in the repository."""
    return {Path("docs/field/states-and-moves.md"): page(), Path("docs/images/states.svg"): drawing()}


def _both(one: Named) -> str:
    return f"{word(one, 'ja')} {word(one, 'en')}"


def _states() -> Iterator[str]:
    for state, (status, step_status) in STANDS.items():
        step = f"`{step_status.value}`" if step_status else ""
        yield f"| {word(state, 'ja')} | {word(state, 'en')} | `{state.value}` | `{status.value}` | {step} |"


def _glance() -> Iterator[str]:
    heads = " | ".join(word(state, "ja") for state in NamedState)
    for title, moves in TABLES.items():
        yield f"| **{title}** | {heads} |"
        yield "|---" * (len(NamedState) + 1) + "|"
        for move in moves:
            cells = " | ".join(_short(ROWS[move], state) for state in NamedState)
            yield f"| {_both(move)} | {cells} |"
        yield ""


def _short(row: TableRow, state: NamedState) -> str:
    """Who may, and where it leads, in signs."""
    parts = []
    for answer, askers in _by_answer(row.cells[state]):
        if isinstance(answer, Happens):
            everybody = len(askers) == len(row.cells[state]) > 1
            parts.append((("全" if everybody else "".join(SHORT[one] for one in askers)), answer.to))
    besides = [(SHORT[one.asker], one.answer.to) for one in row.otherwise if one.at is state]
    shown = [f"{who}{_to(to)}" for who, to in dict.fromkeys(parts)]
    shown += [f"({who}{_to(to)})" for who, to in dict.fromkeys(besides) if (who, to) not in parts]
    return " ".join(shown) or "—"


def _to(state: NamedState | None) -> str:
    return f"→{word(state, 'ja')}" if state else ""


def _move(move: Move | Occasion, row: TableRow) -> Iterator[str]:
    yield f"\n### {word(move, 'ja')} / {word(move, 'en')}\n"
    yield f"Command `{row.command}`." + (
        f" Where there is nothing that it is about: `{row.lacking}`." if row.lacking else ""
    )
    yield ""
    yield "| 状態 State | できる Done | 断り Refused |"
    yield "|---|---|---|"
    for cell, found in _by_cell(row.cells):
        answers = _by_answer(cell)
        done = "<br>".join(_who(who, cell) + _happens(one) for one, who in answers if isinstance(one, Happens))
        refused = "<br>".join(f"{_who(who, cell)}`{one}`" for one, who in answers if isinstance(one, str))
        yield f"| {', '.join(_both(state) for state in found)} | {done} | {refused} |"
    for one in row.otherwise:
        yield f"| {_both(one.at)}: {_both(one.because)} | {_both(one.asker)}: {_happens(one.answer)} | |"


def _by_cell(cells: Mapping[NamedState, Cell]) -> Sequence[tuple[Cell, list[NamedState]]]:
    """States that say the same, together."""
    found: list[tuple[Cell, list[NamedState]]] = []
    for state, cell in cells.items():
        same = next((states for one, states in found if dict(one) == dict(cell)), None)
        if same is None:
            found.append((cell, [state]))
        else:
            same.append(state)
    return found


def _by_answer(cell: Cell) -> Sequence[tuple[Answer, list[Asker]]]:
    """Askers who are answered the same, together."""
    found: dict[Answer, list[Asker]] = {}
    for asker, answer in cell.items():
        found.setdefault(answer, []).append(asker)
    return list(found.items())


def _who(askers: Sequence[Asker], cell: Cell) -> str:
    if len(askers) == len(cell) > 1:
        return "全員 everybody: "
    return ", ".join(_both(one) for one in askers) + ": "


def _happens(answer: Happens) -> str:
    return _events(answer) + (f" → **{_both(answer.to)}**" if answer.to else "")


def _events(answer: Happens) -> str:
    return ", ".join(f"`{one}`" for one in answer.events)


def _leads(answer: Happens) -> str:
    return _both(answer.to) if answer.to else ""


def _codes() -> Iterable[str]:
    """Every refusal of the table."""
    said = {
        one for row in ROWS.values() for cell in row.cells.values() for one in cell.values() if isinstance(one, str)
    }
    return sorted(said | {row.lacking for row in ROWS.values() if row.lacking})


def main(arguments: Sequence[str]) -> int:
    """Writes the files, or says which differ."""
    differing = [path for path, text in files().items() if not _holds(ROOT / path, text)]
    for path in differing:
        if "--check" in arguments:
            print(f"{path}: not what the table says; `make pages` writes it anew")  # noqa: T201 - a script's answer
        else:
            (ROOT / path).write_text(files()[path], encoding="utf-8")
    return 1 if differing and "--check" in arguments else 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
