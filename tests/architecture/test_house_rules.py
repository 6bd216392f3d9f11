"""Files one can read in one sitting, and nothing in the repository that belongs to one machine."""

import re
from pathlib import Path

import pytest

LONGEST_FILE = 350
LONGEST_WORKFLOW = 250
# Put together from parts, so that this file does not find itself.
UNFINISHED = re.compile(
    r"(?<![.\w])(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b(?! =)"
)
MACHINE = re.compile(
    r"(?<![\w.$}/-])/(" + "|".join(["work", "root", "home/" + r"(?!spiral)\w+", "Users"]) + r")(/|\b(?!-))"
)
HOSTS = re.compile("|".join([r"pypi\." + "org", "python" + "hosted", r"npmjs\." + "org", r"deb\." + "debian"]))
NOT_OURS = {"LICENSE"}


def _texts(files: list[Path], *, besides: frozenset[str] = frozenset()) -> list[tuple[Path, str]]:
    texts = []
    for file in files:
        if file.name in NOT_OURS or file.suffix in besides:
            continue
        try:
            texts.append((file, file.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return texts


def _lines(files: list[Path], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{file.name}:{number}: {line.strip()[:100]}"
        for file, text in _texts(files)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_every_module_can_be_read_in_one_sitting(our_files: list[Path]) -> None:
    sizes = {file: len(text.splitlines()) for file, text in _texts(our_files) if file.suffix == ".py"}
    assert {file.name: size for file, size in sizes.items() if size > LONGEST_FILE} == {}


def test_the_cycle_workflow_stays_thin(root: Path) -> None:
    assert len((root / "workflows" / "cycle.py").read_text(encoding="utf-8").splitlines()) < LONGEST_WORKFLOW


def test_every_module_says_what_it_is_for(root: Path, our_files: list[Path]) -> None:
    rooms = ("engine", "workflows", "activities", "api", "scripts")
    modules = [(file, text) for file, text in _texts(our_files) if file.suffix == ".py"]
    silent = [
        str(file.relative_to(root))
        for file, text in modules
        if file.relative_to(root).parts[0] in rooms and text.strip() and not text.lstrip().startswith(('"""', 'r"""'))
    ]
    assert silent == []


def test_nothing_is_left_unfinished(our_files: list[Path]) -> None:
    assert _lines(our_files, UNFINISHED) == []


def test_no_file_names_a_place_on_one_machine(our_files: list[Path]) -> None:
    assert _lines(our_files, MACHINE) == []


def test_no_file_names_a_package_index(our_files: list[Path]) -> None:
    assert _lines(our_files, HOSTS) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (UNFINISHED, "# TO" + "DO later"),
        (MACHINE, "see /wo" + "rk/main/x.py"),
        (MACHINE, "#!/ro" + "ot/bin"),
        (HOSTS, "--index-url https://py" + "pi.org/simple"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


@pytest.mark.parametrize(
    "line", ["GET /api/v1/work", "work/life", "/home/spiral", "the root/leaf", "https://a.jp/work"]
)
def test_ordinary_words_are_no_places(line: str) -> None:
    assert not MACHINE.search(line)
