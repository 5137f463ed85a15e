"""After the storm: the council's records beside the national service's, the mail server's, and what officers were told.

Plain SQL, not the product's own queries: what is checked must not be asked of itself.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from email import message_from_string
from typing import Any

from tests.chaos.officers import Done
from tests.chaos.world import World

ORDER = "dft_blue_badge.order"


def faults(world: World, applications: list[str], done: Done) -> list[str]:
    """Sentences about everything that is not as it must be; none when all is well."""
    checks = (_intake(world, applications), _badges(world), _queue(world), _work(world), _timeline(world))
    more = (_messages(world), _documents(world, done), _told(world, done), _jobs(world))
    return [*done.odd, *(sentence for check in (*checks, *more) for sentence in check)]


def _intake(world: World, applications: list[str]) -> Iterator[str]:
    rows = world.rows("SELECT external_id, case_id, problem FROM cases_submission")
    kept = Counter(external_id for external_id, _, _ in rows)
    yield from (f"Application {one} was kept {kept[one]} times." for one in applications if kept[one] != 1)
    yield from (f"Application {one} has no case: {problem}" for one, case, problem in rows if case is None)
    for (case,) in world.rows(
        "SELECT reference FROM cases_case WHERE id NOT IN (SELECT case_id FROM cases_submission WHERE case_id IS NOT NULL)"
    ):
        yield f"Case {case} belongs to no application."


def _badges(world: World) -> Iterator[str]:
    """Every ordered case has exactly the badges it ordered nationally, and the same numbers stand on our side."""
    national: dict[str, set[str]] = {}
    for badge in world.sandbox.control("GET", "/badges"):
        national.setdefault(badge["la_reference"], set()).add(badge["number"])
    orders = world.rows(
        "SELECT c.reference, c.customer_id, i.status, i.result->'numbers',"
        " coalesce((r.answers->>'number_of_badges')::int, 1)"
        " FROM exchange_item i JOIN cases_case c ON c.id = i.case_id"
        " JOIN cases_workitem w ON w.id = (i.arguments->>'work_item')::bigint JOIN cases_run r ON r.id = w.run_id"
        " WHERE i.operation = %s",
        ORDER,
    )
    for reference, customer, status, numbers, wanted in orders:
        theirs = national.pop(reference, set())
        if status != "done":
            yield f"{reference}: its order is {status}."
        if len(theirs) != wanted:
            yield f"{reference}: {wanted} badges were to be ordered and the national service has {len(theirs)}: {theirs}."
        if set(numbers or ()) != theirs:
            yield f"{reference}: we have the badges {numbers}, the national service {theirs}."
        ours = {
            number
            for (number,) in world.rows(
                "SELECT number FROM people_externalreference WHERE type = 'badge_number' AND customer_id = %s", customer
            )
        }
        if not theirs <= ours:
            yield f"{reference}: the customer's badges are {ours}, not {theirs}."
    for reference, numbers in national.items():
        yield f"Badges {numbers} were ordered for {reference}, which has no order here."
    double = Counter(reference for reference, *_ in orders)
    yield from (f"{reference} has {count} orders." for reference, count in double.items() if count > 1)


def _queue(world: World) -> Iterator[str]:
    for reference, operation, status, problem in world.rows(
        "SELECT c.reference, i.operation, i.status, i.problem FROM exchange_item i JOIN cases_case c ON c.id = i.case_id"
        " WHERE i.status NOT IN ('done')"
    ):
        yield f"{reference}: {operation} is left {status}: {problem}"
    for (reference,) in world.rows(
        "SELECT c.reference FROM cases_run r JOIN cases_workitem w ON w.run_id = r.id JOIN cases_case c ON c.id = r.case_id"
        " WHERE w.outcome = 'order' AND NOT EXISTS (SELECT 1 FROM exchange_item i WHERE i.case_id = c.id"
        f" AND i.operation = '{ORDER}')"
    ):
        yield f"{reference}: the order was decided and is not on the queue."
    for (reference,) in world.rows(
        "SELECT c.reference FROM cases_case c WHERE NOT EXISTS (SELECT 1 FROM exchange_item i"
        " WHERE i.case_id = c.id AND i.operation = 'dft_blue_badge.set_status')"
    ):
        yield f"{reference}: the national service was not told that we work on it."


def _work(world: World) -> Iterator[str]:
    for run, count in world.rows(
        "SELECT run_id, count(*) FROM cases_workitem WHERE finished_at IS NULL GROUP BY run_id HAVING count(*) > 1"
    ):
        yield f"Run {run} is at {count} stages at once."
    for (reference,) in world.rows(
        "SELECT c.reference FROM cases_case c WHERE (c.closed_at IS NULL) <> EXISTS"
        " (SELECT 1 FROM cases_run r WHERE r.case_id = c.id AND r.ended_at IS NULL)"
    ):
        yield f"{reference} is closed while a workflow runs, or open while none does."
    for reference, stage in world.rows(
        "SELECT c.reference, s.key FROM cases_workitem w JOIN cases_case c ON c.id = w.case_id"
        " JOIN workflow_stage s ON s.id = w.stage_id WHERE w.finished_at IS NULL AND s.key <> 'refused_holding'"
    ):
        yield f"{reference} came to rest at {stage}."
    for item, count in world.rows(
        "SELECT w.id, count(e.id) FROM cases_workitem w LEFT JOIN audit_entry e ON e.subject_type = 'workitem'"
        " AND e.subject_id = w.id AND e.action = 'work_item.progressed' WHERE w.finished_at IS NOT NULL"
        " GROUP BY w.id HAVING count(e.id) <> 1"
    ):
        yield f"Work item {item} is finished and was recorded {count} times."


def _timeline(world: World) -> Iterator[str]:
    for reference, finished, lines in world.rows(
        "SELECT c.reference, (SELECT count(*) FROM cases_workitem w WHERE w.case_id = c.id AND w.finished_at IS NOT NULL),"
        " (SELECT count(*) FROM cases_timelineentry t WHERE t.case_id = c.id AND t.kind = 'workflow'"
        " AND t.detail ? 'outcome') FROM cases_case c"
    ):
        if finished != lines:
            yield f"{reference}: {finished} outcomes were chosen and the timeline has {lines}."
    for item, action, count in world.rows(
        "SELECT i.id, a.action, count(t.id) FROM exchange_item i CROSS JOIN (VALUES ('queued'), ('done')) a(action)"
        " LEFT JOIN cases_timelineentry t ON t.case_id = i.case_id AND t.kind = 'integration'"
        " AND t.detail->>'item' = i.id::text AND t.detail->>'action' = a.action"
        " GROUP BY i.id, a.action HAVING count(t.id) <> 1"
    ):
        yield f"Item {item}: the timeline says {count} times that it was {action}."
    for (reference,) in world.rows(
        "SELECT reference FROM cases_case c WHERE (SELECT count(*) FROM cases_timelineentry t"
        " WHERE t.case_id = c.id AND t.text LIKE 'Case opened%%') <> 1"
    ):
        yield f"{reference}: the timeline does not say once that it was opened."


def _messages(world: World) -> Iterator[str]:
    received: dict[str, set[str]] = {}
    for mail in world.sandbox.control("GET", "/mail"):
        parsed = message_from_string(mail["raw"])
        number = str(parsed["Message-ID"]).removeprefix("<message-").partition(".")[0]
        received.setdefault(number, set()).add(f"{parsed['Message-ID']} {parsed['Subject']}")
    yield from (f"Message {one} came under several ids: {ids}" for one, ids in received.items() if len(ids) > 1)
    for pk, channel, status, problem, document in world.rows(
        "SELECT id, channel, status, problem, document_id FROM messages_message"
    ):
        if status != "sent" or document is None:
            yield f"Message {pk} ({channel}) is {status}, filed as {document}. {problem}"
        elif channel == "email" and str(pk) not in received:
            yield f"E-mail {pk} is called sent and the mail server never had it."
    for (reference,) in world.rows(
        "SELECT c.reference FROM cases_case c WHERE NOT EXISTS (SELECT 1 FROM cases_casemessage m WHERE m.case_id = c.id)"
    ):
        yield f"{reference}: its applicant had no acknowledgement."


def _documents(world: World, done: Done) -> Iterator[str]:
    kept = {pk: (file, digest) for pk, file, digest in world.rows("SELECT id, file, sha256 FROM documents_document")}
    for pk, (file, digest) in kept.items():
        path = world.folder / "documents" / file
        if not path.exists():
            yield f"Document {pk} has no file."
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"The file of document {pk} is not what was stored."
    names = Counter(name for (name,) in world.rows("SELECT name FROM documents_document WHERE origin = 'officer'"))
    for key, document in done.uploads.items():
        if document not in kept or names[f"photo-{key}.png"] != 1:
            yield f"The upload {key}, answered as document {document}, is there {names[f'photo-{key}.png']} times."


def _told(world: World, done: Done) -> Iterator[str]:
    """What the API said is done, is."""
    outcomes: dict[int, Any] = dict(world.rows("SELECT id, outcome FROM cases_workitem"))
    for item, outcome in done.outcomes.items():
        if outcomes.get(item) != outcome:
            yield f"An officer was told that work item {item} ended in {outcome}; it is {outcomes.get(item)!r}."


def _jobs(world: World) -> Iterator[str]:
    for task, args in world.rows("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'failed'"):
        yield f"The job {task} {args} was given up."
