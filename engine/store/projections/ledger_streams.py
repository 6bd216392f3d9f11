"""Which tables are made from which kind of stream in the ledger.

A stream's rows are a function of its entries and nothing else; every such table has a column `stream`, so that they
can be thrown away and made again. A new kind of stream is one line in `PROJECTIONS`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, insert
from sqlmodel import Session, SQLModel, delete

from engine.domain.ledger import milestones
from engine.domain.ledger.facts import Entry, SignInBound, SignInReleased, TokenIssued, TokenRevoked, kind_of
from engine.domain.spread import offers
from engine.store.ledger_rows import ABSENCES, AUTHORITY, CHANGES, DOCUMENTS, WEBHOOKS
from engine.store.tables import OfferRow
from engine.store.tables_access import CredentialRow, SignInRow

TOKENS = "token"
"""Streams of tokens that were made, `token/PERSON`."""
SIGN_INS = "sign-in"
"""Streams of accounts of the provider, `sign-in/HASH` of issuer and subject."""


@dataclass(frozen=True)
class Projection:
    """The tables of one kind of stream, and the rows that a stream's entries amount to."""

    tables: tuple[type[SQLModel], ...]
    rows: Callable[[Sequence[Entry]], Iterable[SQLModel]]


def project(session: Session, stream: str, entries: Sequence[Entry]) -> None:
    """Brings the stream's rows up to date; `entries` are all of it, and few."""
    projection = PROJECTIONS[kind_of(stream)]
    for table in projection.tables:
        session.exec(delete(table).where(table.__table__.c.stream == stream))  # type: ignore[attr-defined]
    session.add_all(list(projection.rows(entries)))
    session.flush()


def empty(session: Session) -> None:
    """Throws every projection of the ledger away; the ledger stays."""
    for projection in PROJECTIONS.values():
        for table in projection.tables:
            session.exec(delete(table))


def rows(stream: str, entries: Sequence[Entry]) -> dict[Table, list[dict[str, Any]]]:
    """What a stream's entries, all of them, amount to, by table.

    Raises:
        ValueError: they do not go together.
    """
    made: dict[Table, list[dict[str, Any]]] = {}
    for row in PROJECTIONS[kind_of(stream)].rows(entries):
        made.setdefault(table_of(type(row)), []).append(row.model_dump())
    return made


def write(session: Session, made: Mapping[Table, Sequence[dict[str, Any]]]) -> None:
    """Puts rows of many streams, which are not there yet, into their tables."""
    for table, its in made.items():
        session.connection().execute(insert(table), its)


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def _offer_rows(entries: Sequence[Entry]) -> Iterable[OfferRow]:
    offer = offers.offer_of(entries)
    if offer is not None:
        yield OfferRow(
            id=offer.offer_id,
            stream=offers.stream_of(offer.offer_id),
            case_id=offer.case_id,
            org_unit=offer.org_unit,
            status=offer.status.value,
            offered_at=offer.offered_at,
            answered_at=offer.answered_at,
            cycle_id=offer.cycle_id,
            state=offer.model_dump_json(),
        )


def _credential_rows(entries: Sequence[Entry]) -> Iterable[CredentialRow]:
    made: dict[str, CredentialRow] = {}
    for entry in entries:
        match entry.data:
            case TokenIssued(credential=str(name)) as fact:
                made[name] = CredentialRow(
                    id=name,
                    stream=entry.stream,
                    holder=fact.person,
                    name=fact.name,
                    made_by=fact.account or entry.actor,
                    made_at=entry.at,
                    expires_at=fact.expires_at,
                    read_only=fact.read_only,
                    rights=" ".join(fact.rights),
                )
            case TokenRevoked(credential=name) if name in made:
                made[name].revoked_at, made[name].revoked_by = entry.at, entry.actor
    return made.values()


def _sign_in_rows(entries: Sequence[Entry]) -> Iterable[SignInRow]:
    bound: SignInRow | None = None
    for entry in entries:
        match entry.data:
            case SignInBound() as fact:
                bound = SignInRow(
                    stream=entry.stream, issuer=fact.issuer, subject=fact.subject, person=fact.person,
                    bound_at=entry.at,
                )  # fmt: skip
            case SignInReleased():
                bound = None
    return () if bound is None else (bound,)


PROJECTIONS: Mapping[str, Projection] = {
    offers.KIND: Projection((OfferRow,), _offer_rows),
    milestones.KIND: Projection((), lambda _: ()),  # few and short: read from the ledger itself
    TOKENS: Projection((CredentialRow,), _credential_rows),
    SIGN_INS: Projection((SignInRow,), _sign_in_rows),
    WEBHOOKS: Projection((), lambda _: ()),  # its log says it too
    DOCUMENTS: Projection((), lambda _: ()),  # the tables hold more than the facts do; `authority` compares them
    CHANGES: Projection((), lambda _: ()),  # the same, for as long as one waits
    ABSENCES: Projection((), lambda _: ()),  # the same
    AUTHORITY: Projection((), lambda _: ()),  # one fact
}
TABLES: tuple[Table, ...] = tuple(table_of(one) for made in PROJECTIONS.values() for one in made.tables)
"""Everything that is made from the ledger."""
