"""Accounts of the provider: bound and released by facts, on both databases, and a forged row is found."""

import time

from sqlalchemy import Engine

from api.services.organisation.accounts import released_here
from engine.store.record.verify import verify
from engine.store.registers.sign_ins import SignIns
from engine.store.registers.visits import Visits

ISSUER = "https://sso.city.example"


def test_an_account_is_bound_once_and_released_with_the_visits_that_it_opened(database: Engine) -> None:
    sign_ins, begun = SignIns(database), int(time.time()) - 60
    for _ in range(2):
        sign_ins.bind(ISSUER, "a1", "p093")
    assert [(one.subject, one.person) for one in sign_ins.of("p093")] == [("a1", "p093")]
    assert not Visits(database).is_ended("v1", "p093", begun)
    assert released_here(database, "p093", "system") == 1
    assert sign_ins.find(ISSUER, "a1") is None
    assert Visits(database).is_ended("v1", "p093", begun)
    sign_ins.bind(ISSUER, "a2", "p093")
    assert not verify(database).faults


def test_who_makes_an_account_somebody_else_s_in_the_table_is_found(database: Engine) -> None:
    SignIns(database).bind(ISSUER, "a1", "p093")
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE sign_in SET person = 'p001'")
    assert [str(fault) for fault in verify(database).faults]
