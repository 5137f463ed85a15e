"""Sending what is due: claim (committed) → build (committed) → call, in no transaction → result (committed).

The sender renews the lease of its claim while the call is under way. Killed at any instant, an item is in one of three
states: claimed and not begun, so it waits again; begun, so the other system is asked before anything else; or settled.
So nothing is lost and nothing is done twice.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction

from moothall.core import leases
from moothall.core.leases import database_clock
from moothall.domain.exchange import breaker, leaving, operations, settling
from moothall.domain.exchange.claims import claim, more_may_go
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.operations import Operation, Reply, SendError
from moothall.domain.exchange.settling import Call
from moothall.domain.exchange.wake import wake

Clock = Callable[[], datetime]
PATIENCE = timedelta(seconds=2)  # a longer wait is left to a job
TRIES_TO_SETTLE = 3


def clock_from(moment: datetime) -> Clock:
    """A clock that shows `moment` now and runs on, for whoever wants to see the queue at another time."""
    began = time.monotonic()
    return lambda: moment + timedelta(seconds=time.monotonic() - began)


def send_due(key: str, *, seconds: float = 10, clock: Clock = database_clock) -> int:
    """Send what is due at connector `key`, one after another, for up to `seconds`; returns how many calls were made.

    Of all senders of a connector one waits for the next call the rate allows, the others leave it to that one: so
    calls under way and one wait are all that a connector keeps workers busy with. While more may go at once another
    sender is woken. What must wait longer than `PATIENCE`, or is left over, is woken by a job. An unforeseen
    exception of an operation is raised again after its item was put into a safe state.
    """
    settling.recover(key, at=clock())
    stop = clock() + timedelta(seconds=seconds)
    calls = 0
    while True:
        now = clock()
        if now >= stop:
            wake(key)
            return calls
        turn = claim(key, at=now)
        if turn is None:
            return calls
        if isinstance(turn, Item):
            if more_may_go(turn.connector, at=now):
                wake(key)
            deliver(turn, clock=clock)
            calls += 1
        elif turn - now > PATIENCE:
            wake(key, at=turn)
            return calls
        elif not _waited(key, (turn - clock()).total_seconds()):
            return calls


def _waited(key: str, seconds: float) -> bool:
    """Wait for the next call of connector `key`; False, at once, when another sender waits for it."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"exchange waits for {key}"])
        alone: bool = cursor.fetchone()[0]
        if alone:
            time.sleep(max(seconds, 0))
        return alone


def deliver(item: Item, *, clock: Clock = database_clock) -> None:
    """Make the one call a claimed item is due for, and write down what came of it."""
    call = Call(pk=item.pk, claim=item.claims, asking=item.ask_first, started_at=clock())
    try:
        operation = operations.get(item.operation)
        prepared = settling.prepare(call, operation, clock=clock)
    except (SendError, operations.UnknownOperation) as error:
        settling.failed(call, SendError(str(error)), at=clock())
        return
    except OperationalError:
        raise  # the database is in trouble: the lease runs out and the item waits again
    except Exception as fault:
        settling.failed(call, _program_fault("The request could not be made", fault), at=clock())
        raise
    if prepared is None:
        return
    item, payload = prepared
    try:
        with leaving.watched() as watch, leases.kept(lambda: settling.renew(call, item.connector, at=clock())):
            reply = operation.ask(payload, item=item) if call.asking else operation.send(payload, item=item)
    except SendError as error:
        settling.failed(call, error, at=clock())
        _tell_breaker(item, error, at=clock())
        return
    except Exception as fault:
        may_be_done = call.asking or watch.left
        what = "The call went wrong" if may_be_done else "Nothing was sent"
        settling.failed(call, _program_fault(what, fault, unknown=may_be_done), at=clock())
        raise
    if reply is None:
        settling.not_there(call, at=clock())
    else:
        _finish(call, operation, reply, clock=clock)
    breaker.answered(item.connector_id, at=clock())
    if not call.asking and not watch.left:
        raise LookupError(f"{operation.name} was sent, but its transport did not say when: see `leaving`.")


def _finish(call: Call, operation: Operation, reply: Reply, *, clock: Clock) -> None:
    for left in reversed(range(TRIES_TO_SETTLE)):
        try:
            settling.finish(call, operation, reply, at=clock())
        except OperationalError:  # a deadlock, or somebody has the case locked for long
            if not left:
                raise
        except Exception as fault:
            error = _program_fault("It was done there, but what follows from it failed here", fault, unknown=True)
            error.transcript = reply.transcript
            settling.failed(call, error, at=clock())
            raise
        else:
            return


def _tell_breaker(item: Item, error: SendError, *, at: datetime) -> None:
    if error.retryable or error.unknown:
        breaker.failed(item.connector_id, error, at=at)
    else:
        breaker.answered(item.connector_id, at=at)


def _program_fault(what: str, fault: Exception, *, unknown: bool = False) -> SendError:
    return SendError(f"{what}: a fault in the program ({type(fault).__name__}).", unknown=unknown)
