"""Drafts: begun, opened again, saved page by page, and forgotten when their time is over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import F, QuerySet

from moothall.core.accounts.actions import system_user
from moothall.core.compiled import compiled
from moothall.core.council.settings import Council, read
from moothall.domain.documents import actions as documents
from moothall.domain.forms import lookups, moving, published, runner, sealing, slots, who
from moothall.domain.forms.definition import Question
from moothall.domain.forms.journey import NOTHING, Journey, Setting
from moothall.domain.forms.models import Abandoned, Draft, Submission, Upload
from moothall.domain.forms.models import Form as FormRow
from moothall.domain.forms.moving import Moved
from moothall.domain.forms.runner import Problem, Saved
from moothall.domain.forms.standing import NotOpen, of_row
from moothall.domain.forms.who import Who
from moothall.kit.calendars import LONDON

EXPIRED_AT_ONCE = 500
MOST_UPLOADS = 100
"""Files of one draft, with those taken out of the answers again."""


class NoDraft(Exception):
    """There is no such draft, or not for whoever asks. Its message may be shown."""

    def __init__(self) -> None:
        super().__init__("These answers were sent already, are kept no longer, or belong to somebody else.")


@dataclass(frozen=True)
class Held:
    """A draft that was opened. `moved` says what changed where a newer version of its form came meanwhile; `down` the
    questions whose look-up was not answered.
    """

    draft: Draft
    token: str | None
    journey: Journey
    moved: Moved | None = None
    down: tuple[Question, ...] = ()


@dataclass(frozen=True)
class PageSaved:
    """What came of saving a page: with problems, nothing was kept, and `held` shows the page as it would be."""

    held: Held
    problems: tuple[Problem, ...] = ()


def start(
    form_key: str,
    *,
    by: Who,
    at: datetime,
    language: str = "en",
    facts: Mapping[str, Any] = NOTHING,
    customer_id: int | None = None,
) -> Held:
    """Begin to fill in a form. With an account the draft is the account's; else the token returned opens it.

    `customer_id` is whom an officer fills it in with; a form that takes no account is told nothing of whoever fills it in. Raises NotOpen with a sentence.
    """
    row = FormRow.objects.filter(key=form_key).first()
    if row is None or row.current_id is None:
        raise NotOpen("There is no such form.")
    standing = of_row(row, at=at)
    if not standing.takes:
        raise NotOpen(standing.of(language))
    plan = published.plan(row.current_id)
    if plan.form.sign_in == "required" and not who.account(by) and not who.officer(by):
        raise NotOpen("Sign in to fill in this form.")
    account = who.account(by) if plan.form.sign_in != "none" else ""
    token, officer = None if account else sealing.new_token(), who.officer(by)
    if not account and not officer:
        facts = NOTHING
    draft = Draft(
        version_id=row.current_id,
        digest=sealing.digest(token) if token else None,
        account=account,
        officer=officer,
        customer_id=customer_id if officer else None,
        language=language,
        started_at=at,
    )
    journey = runner.begin(plan, setting(draft, by=by, at=at, facts=facts))
    _keep(draft, journey, token, at=at, new=True)
    return Held(draft, token, journey)


def resume(
    key: UUID | str, *, token: str | None = None, by: Who, at: datetime, facts: Mapping[str, Any] = NOTHING
) -> Held:
    """Open a draft; nothing is written. On a newer version of its form it is shown as it would be moved.

    Raises NoDraft.
    """
    draft = next(iter(_with_key(key=_read(key))), None)
    return opened(draft, token=token, by=by, at=at, facts=facts)


@compiled(prepared=True)
def _with_key(*, key: UUID) -> "QuerySet[Draft]":
    return Draft.objects.filter(key=key).select_related("version__form")


@compiled(prepared=True)
def _files(*, draft: int) -> "QuerySet[Upload, UUID]":
    return Upload.objects.filter(draft=draft).values_list("pk", flat=True)


def save_page(
    key: UUID | str,
    page: str,
    given: Mapping[str, Any],
    *,
    token: str | None = None,
    by: Who,
    at: datetime,
    language: str | None = None,
    facts: Mapping[str, Any] = NOTHING,
) -> PageSaved:
    """Answer one page of a draft: all of it, or nothing where something is wrong. The draft goes on in `language`.

    Raises NoDraft, or runner.NotOnTheWay.
    """
    with transaction.atomic():
        held = looked_up(locked(key, token=token, by=by, at=at, facts=facts), page)
        held.draft.language = language or held.draft.language
        saved = runner.save(held.journey, page, given, language=held.draft.language)
        held, saved = _checked(held, saved, page, given)
        if saved.problems:
            return PageSaved(replace(held, journey=saved.tried), saved.problems)
        held.draft.page = page
        _keep(held.draft, saved.journey, held.token, at=at)
    return PageSaved(replace(held, journey=saved.journey))


def looked_up(held: Held, page: str) -> Held:
    """A draft with the look-ups of a page asked, for showing that page. Nothing is written."""
    if not runner.route(held.journey).has(page):
        return held
    journey, down = lookups.for_page(held.journey, page, service=published.service_of(held.draft.version_id))
    return replace(held, journey=journey, down=down)


def _checked(held: Held, saved: Saved, page: str, given: Mapping[str, Any]) -> tuple[Held, Saved]:
    """What comes of a page once the look-ups that check its answers are asked with them."""
    service = published.service_of(held.draft.version_id)
    tried, down = lookups.for_page(saved.tried, page, service=service, checks_only=True)
    held = replace(held, down=(*held.down, *(one for one in down if one not in held.down)))
    if tried is saved.tried:
        return held, saved
    journey = runner.carry_on(held.journey.plan, held.journey.kept(), tried.setting)
    return replace(held, journey=journey), runner.save(journey, page, given, language=held.draft.language)


def add_upload(
    key: UUID | str,
    question: str,
    *,
    name: str,
    content: bytes,
    token: str | None = None,
    by: Who,
    at: datetime,
) -> Upload:
    """Take in a file for a question of a draft; that it is the answer is said by saving the page.

    Raises NoDraft, documents.Refused with a sentence, or LookupError for a question that takes no file.
    """
    held = resume(key, token=token, by=by, at=at)
    asked = held.journey.plan.form.questions.get(question)
    if asked is None or asked.type != "upload":
        raise LookupError(f"The form has no question “{question}” that takes a file.")
    author = who.author(by)
    content = documents.examine(content, about=held.draft, by=author, at=at)
    with transaction.atomic():
        held = locked(key, token=token, by=by, at=at)
        if held.draft.uploads.count() >= MOST_UPLOADS:
            raise documents.Refused(f"At most {MOST_UPLOADS} files can be sent with one form.")
        tags = [asked.tag] if asked.tag else []
        document = documents.store(name=name, content=content, origin="applicant", tags=tags, by=author, at=at)
        return Upload.objects.create(draft=held.draft, question=question, document=document)


def hand_over(key: UUID | str, *, token: str, by: Who, at: datetime, facts: Mapping[str, Any] = NOTHING) -> Held:
    """Make a draft begun without an account that of whoever has signed in since. Raises NoDraft."""
    account = who.account(by)
    with transaction.atomic():
        held = locked(key, token=token, by=None, at=at, facts=facts)
        if not account or held.journey.plan.form.sign_in == "none":
            raise NoDraft
        held.draft.digest, held.draft.account = None, account
        _keep(held.draft, held.journey, None, at=at)
    return replace(held, token=None)


def discard(key: UUID | str, *, token: str | None = None, by: Who, at: datetime) -> None:
    """Delete a draft, with the files given in it, for whoever may open it. Raises NoDraft."""
    with transaction.atomic():
        _forget(locked(key, token=token, by=by, at=at).draft, reason="Whoever gave it did not want to send it.", at=at)


def expire(*, at: datetime) -> int:
    """Delete drafts whose time is over, with the files given in them. Returns how many."""
    count = 0
    while due := list(
        Draft.objects.filter(expires_at__lte=at).select_related("version").order_by("expires_at")[:EXPIRED_AT_ONCE]
    ):
        for draft in due:
            with transaction.atomic():
                if _forget(draft, reason="The form was not sent in time.", at=at):
                    _count(draft, at=at)
        count += len(due)
    return count


def _count(draft: Draft, *, at: datetime) -> None:
    """Count a draft that was given up among those of its form (FRM-11)."""
    told = {"day": at.astimezone(LONDON).date(), "page": draft.page, "by_officer": draft.officer_id is not None}
    row, new = Abandoned.objects.get_or_create(form_id=draft.version.form_id, **told, defaults={"number": 1})
    if not new:
        Abandoned.objects.filter(pk=row.pk).update(number=F("number") + 1)


def _forget(draft: Draft, *, reason: str, at: datetime) -> bool:
    """Delete a draft with the files given in it; whether it was still there."""
    if not Draft.objects.select_for_update().filter(pk=draft.pk).exists():
        return False
    for upload in list(draft.uploads.select_related("document")):
        documents.delete(upload.document, reason=reason, by=system_user(), at=at)
    draft.delete()
    return True


def locked(key: UUID | str, *, token: str | None, by: Who, at: datetime, facts: Mapping[str, Any] = NOTHING) -> Held:
    """Open a draft so that nobody else changes it before this transaction has ended. Raises NoDraft."""
    rows = Draft.objects.select_for_update(of=("self",)).select_related("version__form")
    return opened(rows.filter(key=_read(key)).first(), token=token, by=by, at=at, facts=facts)


def opened(
    draft: Draft | None, *, token: str | None, by: Who, at: datetime, facts: Mapping[str, Any] = NOTHING
) -> Held:
    """A draft as whoever asks may open it: by its token, or by its account. Raises NoDraft."""
    if draft is None or draft.expires_at <= at or not _may_open(draft, token, by):
        raise NoDraft
    token = None if draft.account else token
    try:
        kept = sealing.open(bytes(draft.sealed), token=token, account=draft.account)
    except InvalidToken as error:
        raise NoDraft from error
    form = draft.version.form
    seen = setting(draft, by=by, at=at, facts=facts or kept["facts"], said=_said(kept))
    if draft.version_id == form.current_id or form.current_id is None:
        return Held(draft, token, runner.carry_on(published.plan(draft.version_id), kept, seen))
    old, draft.version_id = published.plan(draft.version_id), form.current_id
    seen = setting(draft, by=by, at=at, facts=facts or kept["facts"], said=_said(kept))
    new = published.plan(form.current_id)
    moved = moving.move(old.form, new.form, kept["answers"], kept["saved"], lists=seen.lists, language=draft.language)
    return Held(draft, token, runner.replay(new, moved.answers, seen, saved=moved.saved), moved)


def _may_open(draft: Draft, token: str | None, by: Who) -> bool:
    if draft.account:
        return who.account(by) == draft.account
    return token is not None and draft.digest == sealing.digest(token)


def setting(
    draft: Draft | Submission,
    *,
    by: Who,
    at: datetime,
    facts: Mapping[str, Any] = NOTHING,
    said: Mapping[str, Any] = NOTHING,
) -> Setting:
    """What the answers of a draft are seen in. `said` is what look-ups answered."""
    lists, labels = published.lists_of(draft.version_id)
    plan, today = published.plan(draft.version_id), at.astimezone(LONDON).date()
    return Setting(
        today=today,
        facts=facts,
        lookups=said,
        lists=lists,
        labels=labels,
        full=slots.full(plan.form, draft.version.form_id, today) if isinstance(draft, Draft) else {},
        uploads=_uploads(draft) if plan.asks_files and not draft._state.adding else frozenset(),
        officer=who.officer(by) is not None if isinstance(draft, Draft) else draft.officer_id is not None,
        signed_in=bool(draft.account or who.account(by)),
        nation=read(Council).nation,
    )


def _uploads(draft: Draft | Submission) -> frozenset[str]:
    """The files given in a draft, or sent with it."""
    sent = isinstance(draft, Submission)
    files = draft.uploads.values_list("pk", flat=True) if sent else _files(draft=draft.pk)
    return frozenset(str(one) for one in files)


def _said(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What look-ups answered, as it was kept."""
    given: Mapping[str, Any] = kept["given"]
    return {key.removeprefix("lookups:"): said for key, said in given.items() if key.startswith("lookups:")}


def _keep(draft: Draft, journey: Journey, token: str | None, *, at: datetime, new: bool = False) -> None:
    draft.sealed = sealing.close(journey.kept(), token=token, account=draft.account)
    draft.saved_at = at
    draft.expires_at = at + timedelta(days=journey.plan.form.keep_days)
    draft.save(force_insert=new)


def _read(key: UUID | str) -> UUID:
    try:
        return key if isinstance(key, UUID) else UUID(key)
    except ValueError:
        raise NoDraft from None
