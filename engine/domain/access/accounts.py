"""Whom an account of the city's OpenID provider stands for.

By a claim that holds the person's id, or by an address that the provider has verified. An address may pass to
somebody else, an account does not: it is bound to its person at the first sign-in that proves the address, and counts
from then on. Must not know how claims are proven.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.domain.errors import forbidden
from engine.domain.organisation.organisation import Organisation, Person

EMAIL = "email"
"""The claim that counts only when the provider says that it is verified."""


@dataclass(frozen=True)
class Entrance:
    """What the city asks of an account.

    Args:
        claim: `email`, or the name of the claim that holds a person's id, such as a personnel number.
        group: only accounts that `group_claim` puts into this group are let in; None for all.
        group_claim: the claim that lists an account's groups.
    """

    claim: str = EMAIL
    group: str | None = None
    group_claim: str = "groups"


def named(claims: Mapping[str, Any], entrance: Entrance, organisation: Organisation, bound: str | None) -> Person:
    """The person an account stands for.

    Args:
        claims: what the provider says, proven.
        entrance: what the city asks.
        organisation: who there is.
        bound: the person the account was bound to before.

    Raises:
        DomainError: `sign_in_not_in_group`, or `sign_in_unknown` when nobody is surely named.
    """
    must_be_in_group(claims, entrance)
    value = str(claims.get(entrance.claim) or "").strip()
    if entrance.claim == EMAIL and bound is not None:
        person = organisation.person(bound)
    elif entrance.claim == EMAIL:
        person = _by_address(value, organisation) if claims.get("email_verified") is True else None
    else:
        person = organisation.person(value or bound or "")
    if person is None:
        raise forbidden("sign_in_unknown")
    return person


def must_be_in_group(claims: Mapping[str, Any], entrance: Entrance) -> None:
    """Raises `sign_in_not_in_group` for an account that is not in the group the city asks for."""
    if entrance.group is None:
        return
    groups = claims.get(entrance.group_claim)
    listed = groups if isinstance(groups, list) else [groups]
    if entrance.group not in listed:
        raise forbidden("sign_in_not_in_group")


def must_be_alone(entrance: Entrance, others: Sequence[str]) -> None:
    """Whoever was given a leaver's mailbox is not the leaver.

    Args:
        entrance: what the city asks.
        others: accounts that stand for the person already.

    Raises:
        DomainError: `sign_in_other_account`; only an address says that this account is theirs too.
    """
    if entrance.claim == EMAIL and others:
        raise forbidden("sign_in_other_account")


def _by_address(address: str, organisation: Organisation) -> Person | None:
    found = [one for one in organisation.people if address and one.email.casefold() == address.casefold()]
    return found[0] if len(found) == 1 else None
