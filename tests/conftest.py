"""What every test shares: a cast of people by role, a moment, and a cause for changes."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis
from pytest_django import DjangoDbBlocker
from structlog.stdlib import ProcessorFormatter
from tests.offered import Offered
from whitenoise.base import WhiteNoise

from moothall.config import memory, migrated
from moothall.config.demo.council import EXAMPLE
from moothall.core.accounts.actions import forget_system_user, system_user
from moothall.core.accounts.models import EVERY_SERVICE, Membership, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.council import settings as council_settings

hypothesis.register_profile("any machine", deadline=None)  # a busy one takes long over anything
hypothesis.load_profile("any machine")
MakeUser = Callable[..., User]
LONG = ("tests/chaos/", "test_every_page.py", "tests/bench/test_benches.py", "test_demo.py")

VIEWING = [
    Permission.SIGN_IN,
    Permission.API,
    Permission.VIEW_CASES,
    Permission.VIEW_SUBMISSION,
    Permission.VIEW_TIMELINE,
    Permission.VIEW_DOCUMENTS,
    Permission.VIEW_ONLINE_MESSAGES,
    Permission.VIEW_NOTES,
    Permission.VIEW_PAYMENTS,
    Permission.VIEW_BADGE,
    Permission.VIEW_PEOPLE,
    Permission.VIEW_WORK,
]
WORKING = [
    *VIEWING,
    Permission.OPEN_CASES,
    Permission.EDIT_CASES,
    Permission.ADD_DOCUMENTS,
    Permission.ADD_NOTES,
    Permission.RECORD_PAYMENTS,
    Permission.REFUND_PAYMENTS,
    Permission.SEND_MESSAGES,
    Permission.ASK_APPLICANT,
    Permission.VIEW_OPINIONS,
    Permission.ASK_OPINIONS,
    Permission.MANAGE_INTENTIONS,
    Permission.EDIT_PEOPLE,
    Permission.START_WORKFLOWS,
    Permission.VIEW_QUEUE,
    Permission.SEARCH_NATIONALLY,
]
MANAGING = [
    *WORKING,
    Permission.DELETE_DOCUMENTS,
    Permission.EXPORT_CASES,
    Permission.CONFIRM,
    Permission.EXTEND_TARGETS,
    Permission.STEP_OUTSIDE,
    Permission.SUPERVISE,
    Permission.MOVE_VERSIONS,
    Permission.MANAGE_QUEUE,
    Permission.AGREE_REFUNDS,
    Permission.RECKON_PAYMENTS,
    Permission.VIEW_REPORTS,
    Permission.VIEW_AUDIT,
    Permission.VIEW_ACCESSES,
]


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Tests of one folder stay together, in whatever order they and the folders come, so that what they share is made once.

    The longest begin first, so that at the end no process waits for another that has just begun one of them.
    """
    first: dict[Path, int] = {}
    for item in items:
        first.setdefault(item.path.parent, len(first))
    items.sort(key=lambda item: first[item.path.parent])
    yield
    items.sort(key=lambda item: not any(part in item.nodeid for part in LONG))


@pytest.fixture(scope="session", autouse=True)
def what_is_loaded_is_not_looked_through_for_rubbish() -> None:
    """As in a process that serves: all that was imported and collected stays, and looking through it takes a second each time."""
    memory.settle()


@pytest.fixture(scope="session")
def template(django_db_blocker: DjangoDbBlocker) -> str:
    """The migrated database that others are copied from, also by the processes a test starts."""
    with django_db_blocker.unblock():
        return migrated.template()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, template: str) -> None:
    """The database of the tests begins as a copy; `migrate` still looks whether anything is missing."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def offered(template: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Offered]:
    """The database where the Blue Badge is published."""
    with django_db_blocker.unblock():
        database = Offered(template)
    yield database
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture
def blue_badge_offered() -> None:
    """Asks for that database. A test that commits, and empties what it used, has the usual one and publishes anew."""


@pytest.fixture
def database_asked_for(request: pytest.FixtureRequest) -> Iterator[None]:
    """The one of the two that the test asks for."""
    marker = request.node.get_closest_marker("django_db")
    asked = set(request.fixturenames)
    commits = {"transactional_db", "live_server"} & asked or (marker and (marker.args or marker.kwargs))
    if "blue_badge_offered" in asked and not commits:
        with request.getfixturevalue("offered").in_use():
            yield
    else:
        yield


@pytest.fixture
def _django_db_helper(database_asked_for: None, _django_db_helper: None) -> None:
    """What `db` and its marker come to: a transaction, in the database asked for."""


EMPTY = """
DO $$ DECLARE
    one text;
    filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT quote_ident(tablename) FROM pg_tables
        WHERE schemaname = current_schema AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || one || ')' INTO filled;
        IF filled THEN
            EXECUTE 'DELETE FROM ' || one;
        END IF;
    END LOOP;
END $$
"""


@pytest.fixture(scope="session", autouse=True)
def tests_with_transactions_leave_tables_empty() -> Iterator[None]:
    """Only tables with rows are emptied, which takes milliseconds; Django would truncate them all, which takes seconds."""

    def leave_empty(_self: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone() == (True,):
                cursor.execute(EMPTY)
            else:
                call_command("flush", verbosity=0, interactive=False, allow_cascade=False, inhibit_post_migrate=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", leave_empty)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_are_listed_once() -> Iterator[None]:
    """Every browser of a test would walk their folder again, which does not change meanwhile."""
    listed: dict[tuple[str, str], dict[str, Any]] = {}
    walk = WhiteNoise.update_files_dictionary

    def once(self: WhiteNoise, root: str, prefix: str) -> None:
        if (root, prefix) not in listed:
            before = dict(self.files)
            walk(self, root, prefix)
            listed[root, prefix] = {url: file for url, file in self.files.items() if before.get(url) is not file}
        self.files.update(listed[root, prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", once)
        yield


@pytest.fixture
def noon() -> datetime:
    """A working day's noon: Tuesday 3 March 2026."""
    return datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def example_council(db: None, noon: datetime) -> council_settings.Council:
    """The council has said who it is, so that its e-mails have a sender."""
    council_settings.write(EXAMPLE, by=system_user(), at=noon)
    return EXAMPLE


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """`make_user("Olive Officer", "blue_badge_officers", permissions=[…], services=[…], document_tags=[…])`."""

    def make(name: str, *groups: str, permissions: Sequence[Permission] = (), **group: list[str]) -> User:
        user = User.objects.create_user(f"{name.lower().replace(' ', '.')}@council.example.org", full_name=name)
        for key in groups:
            defaults = {
                "name": key.replace("_", " ").capitalize(),
                "permissions": list(permissions),
                "services": group.get("services", [EVERY_SERVICE]),
                "document_tags": group.get("document_tags", []),
            }
            row, _ = SecurityGroup.objects.get_or_create(key=key, defaults=defaults)
            Membership.objects.create(user=user, group=row)
        return user

    return make


@pytest.fixture
def officer(make_user: MakeUser) -> User:
    """Works Blue Badge cases."""
    return make_user("Olive Officer", "blue_badge_officers", permissions=WORKING, services=["blue_badge"])


@pytest.fixture
def second_officer(make_user: MakeUser) -> User:
    """Works the same cases as the officer, for two at once."""
    return make_user("Oscar Officer", "blue_badge_officers", permissions=WORKING, services=["blue_badge"])


@pytest.fixture
def assessor(make_user: MakeUser) -> User:
    """Assesses eligibility, and sees nothing of payments."""
    permissions = [permission for permission in VIEWING if permission is not Permission.VIEW_PAYMENTS]
    return make_user("Asha Assessor", "blue_badge_assessors", permissions=permissions, services=["blue_badge"])


@pytest.fixture
def viewer(make_user: MakeUser) -> User:
    """Sees Blue Badge cases and changes nothing."""
    return make_user("Vera Viewer", "blue_badge_viewers", permissions=VIEWING, services=["blue_badge"])


@pytest.fixture
def manager(make_user: MakeUser) -> User:
    """Runs the Blue Badge team."""
    return make_user("Mandla Manager", "blue_badge_managers", permissions=MANAGING, services=["blue_badge"])


@pytest.fixture
def administrator(make_user: MakeUser) -> User:
    """May do everything, everywhere."""
    return make_user("Ada Administrator", "administrators", permissions=list(Permission))


@pytest.fixture
def stranger(make_user: MakeUser) -> User:
    """Signs in and may do nothing else."""
    return make_user("Stan Stranger", "newcomers", permissions=[Permission.SIGN_IN, Permission.API], services=[])


@pytest.fixture(autouse=True)
def compiled_statements_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement that is made once is made anew beside, and must be the same."""
    monkeypatch.setattr(settings, "COMPILED_CHECKED", True)


@pytest.fixture(autouse=True)
def nothing_kept_from_another_test() -> Iterator[None]:
    """No test sees council settings, or the product's own user, that another test read."""
    council_settings.forget()
    forget_system_user()
    yield
    council_settings.forget()
    forget_system_user()


# Who read what; of a token or a session, that it was used, with the cases opened in it; a session that has ended.
MAY_BE_WRITTEN_BY_A_GET = (
    'INSERT INTO "audit_access"',
    'UPDATE "accounts_apitoken" SET "last_used_at"',
    'UPDATE "django_session" SET',
    'DELETE FROM "django_session"',
    'UPDATE "citizens_session" SET "used_at"',
)
# Called by GET though they write: the identity provider sends a browser back so, with a code that is good once; and who takes
# cards, after which it is asked how the payment stands.
MUST_WRITE = {"/account/one-login/back/", "/pay/back/"}
WRITE = re.compile(r"\b(INSERT INTO|UPDATE\s+\S+\s+SET|DELETE FROM|MERGE INTO|TRUNCATE|COPY)\b", re.IGNORECASE)


@pytest.fixture(autouse=True)
def a_get_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GET in a test fails it when it writes more than who read what and when a token was last used."""
    answer = BaseHandler.get_response

    def watched(self: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"} or request.path in MUST_WRITE:
            return answer(self, request)
        wrote: list[str] = []

        def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            statement = str(sql).strip()
            if WRITE.search(statement) and not statement.startswith(MAY_BE_WRITTEN_BY_A_GET):
                wrote.append(statement)
            return execute(sql, *rest)

        with connection.execute_wrapper(watch):
            response = answer(self, request)
        assert not wrote, f"A GET wrote: {wrote[0]}"
        return response

    monkeypatch.setattr(BaseHandler, "get_response", watched)


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """`logged()`: every line written to the log so far, as it is written."""
    said = io.StringIO()
    written = logging.StreamHandler(said)
    written.setFormatter(
        next(h.formatter for h in logging.getLogger().handlers if isinstance(h.formatter, ProcessorFormatter))
    )
    logging.getLogger().addHandler(written)
    yield lambda: [json.loads(line) for line in said.getvalue().splitlines()]
    logging.getLogger().removeHandler(written)
