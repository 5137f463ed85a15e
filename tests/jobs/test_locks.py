"""What somebody works on nobody else takes, whichever connection to PostgreSQL a transaction is given."""

import time

import pytest
from django.db import connection

from moothall.core import locks

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_takes_what_nobody_else_has_and_no_more_than_asked_for() -> None:
    with (
        locks.claimed("example", [4, 3, 2, 1], most=2) as first,
        locks.claimed("example", [4, 3, 2, 1], most=9) as second,
        locks.claimed("other example", [4], most=9) as third,
    ):
        assert (first, second, third) == ([4, 3], [2, 1], [4])
    with locks.claimed("example", [4, 3], most=9) as freed:
        assert freed == [4, 3]
    with locks.claimed("example", [], most=9) as none:
        assert none == []


def test_a_claim_outlives_the_connection_it_was_made_beside() -> None:
    with locks.claimed("example", [1], most=1):
        connection.close()  # as under PgBouncer, where the next transaction may be on another
        with locks.claimed("example", [1], most=1) as other:
            assert other == []


def test_a_claim_is_given_up_with_the_error_of_whoever_made_it() -> None:
    with pytest.raises(LookupError), locks.claimed("example", [1], most=1):
        raise LookupError
    with locks.claimed("example", [1], most=1) as freed:
        assert freed == [1]


def test_a_claim_is_not_ended_for_lasting_longer_than_a_transaction_may_stand_idle() -> None:
    usual = dict(connection.settings_dict["OPTIONS"])
    connection.settings_dict["OPTIONS"]["options"] = "-c idle_in_transaction_session_timeout=100"
    try:
        with locks.claimed("example", [1], most=1):
            time.sleep(0.4)
            with locks.claimed("example", [1], most=1) as other:
                assert other == []
    finally:
        connection.settings_dict["OPTIONS"] = usual
