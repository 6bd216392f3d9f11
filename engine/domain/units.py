"""Units of metrics: one canonical form for the usual spellings, and what values a unit can hold.

A city may measure in any unit it likes, so an unknown unit is kept as it is; but the same metric keeps its unit from
cycle to cycle, and a share of a hundred stays between 0 and 100.
"""

import unicodedata

_ALIASES: dict[str, tuple[str, ...]] = {
    "min/case": ("minutes_per_case", "minutes per case", "分/件", "min/case", "minutes/case"),
    "h/year": ("hours_per_year", "hours per year", "時間/年", "hours/year", "h/year", "h/y"),
    "case/year": ("cases_per_year", "cases per year", "件/年", "cases/year"),
    "yen/year": ("yen_per_year", "yen per year", "円/年", "yen/year"),
    "yen": ("yen", "円", "jpy"),
    "%": ("%", "percent", "パーセント"),
    "score": ("score", "score_1_5", "1-5", "点", "5段階"),
    "person": ("people", "persons", "person", "人", "名"),
    "min": ("min", "minutes", "minute", "分"),
    "h": ("h", "hours", "hour", "時間"),
    "day": ("days", "day", "日"),
    "case": ("cases", "case", "件"),
    "step": ("steps", "step", "工程"),
}
_CANONICAL = {spelling: unit for unit, spellings in _ALIASES.items() for spelling in spellings}


def canonical(unit: str) -> str:
    """The unit's one form: width and case folded, usual spellings joined."""
    folded = unicodedata.normalize("NFKC", unit).strip().lower()
    return _CANONICAL.get(folded, folded)


def same_unit(one: str, other: str) -> bool:
    """Whether two spellings name the same unit."""
    return canonical(one) == canonical(other)


def out_of_range(value: float | None, unit: str | None) -> bool:
    """Whether a value cannot be in its unit: percent beyond 0 to 100."""
    if value is None or unit is None:
        return False
    return canonical(unit) == "%" and not 0 <= value <= 100
