"""Who is named in a comment: `@p014` means the person with that id, when there is one."""

import re

from engine.domain.organisation.organisation import Organisation

MOST = 50
"""People one comment can call; more are read as words."""
_NAMED = re.compile(r"(?<![\w@.])@([A-Za-z0-9_.\-]{1,64})", re.ASCII)


def with_names(text: str, organisation: Organisation) -> str:
    """The text with people's names where it has their ids: `@p014` becomes `@` and the name."""

    def named(match: re.Match[str]) -> str:
        known = match[1].rstrip(".-")
        person = organisation.person(known)
        return f"@{person.name}{match[1][len(known) :]}" if person is not None else match[0]

    return _NAMED.sub(named, text)


def mentioned(text: str, organisation: Organisation) -> tuple[str, ...]:
    """The ids of the people named in `text`, in order, each once."""
    named = (match.rstrip(".-") for match in _NAMED.findall(text))
    return tuple(dict.fromkeys(one for one in named if organisation.person(one) is not None))[:MOST]
