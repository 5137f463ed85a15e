"""Publishing forms and standard blocks as numbered versions, and the notice shown instead of a form."""

from collections.abc import Collection, Mapping
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.forms import blocks, definition, plan
from moothall.domain.forms.definition import Block, Form
from moothall.domain.forms.models import BlockVersion, FormVersion
from moothall.domain.forms.models import Form as FormRow


class PublishedMeanwhile(Exception):
    """Another version is in force than the one a form was held against. Its message may be shown."""


def publish(service: str, form: Form, *, by: User, at: datetime) -> FormVersion:
    """Keep `form`, its blocks put in as they are now, as the newest version of `<service>.<key>`; put it in force.

    The newest stays where nothing changed, and so does a form made in the form studio, but for its blocks. Runs inside the
    transaction of whoever publishes the service.
    """
    row = _row(service, form.key)
    if row.by_hand and row.current:
        form = written(row.current)
    return _put_in_force(row, form, by=by, at=at)


def publish_by_hand(
    service: str, form: Form, *, over: int, of_file: bool = False, by: User, at: datetime
) -> FormVersion:
    """Put in force what was made in the form studio, or, with `of_file`, what the service's file says, instead.

    `over` is the number of the version it was held against, 0 for none. Raises PublishedMeanwhile. Runs inside an action.
    """
    row = _row(service, form.key)
    if (row.current.number if row.current else 0) != over:
        now = f"version {row.current.number} is in force" if row.current else "no version is in force any more"
        raise PublishedMeanwhile(f"Meanwhile {now}: look again at what would change, then publish.")
    row.by_hand = not of_file
    return _put_in_force(row, form, by=by, at=at)


def written(version: FormVersion) -> Form:
    """A version as it was written, its blocks not put in; as it is asked, where how it was written was not kept."""
    return definition.from_data(version.written or version.definition, file=f"version {version.number}")


def _row(service: str, key: str) -> FormRow:
    FormRow.objects.get_or_create(key=f"{service}.{key}")
    return FormRow.objects.select_for_update(of=("self",)).select_related("current").get(key=f"{service}.{key}")


def _put_in_force(row: FormRow, form: Form, *, by: User, at: datetime) -> FormVersion:
    whole = blocks.put_in(form, standard_blocks(), file=f"forms/{form.key}.yaml")
    latest = row.versions.order_by("-number").first()
    fingerprint = definition.fingerprint(whole)
    if latest is None or latest.fingerprint != fingerprint:
        plan.of(whole)  # a block may have become another than when the form was checked
        latest = FormVersion.objects.create(
            form=row,
            number=latest.number + 1 if latest else 1,
            definition=definition.to_data(whole),
            written=definition.to_data(form),
            fingerprint=fingerprint,
            published_at=at,
            published_by=by,
        )
    row.current = latest
    row.save(update_fields=["current", "by_hand"])
    return latest


def renew(service: str, *, but: Collection[str], by: User, at: datetime) -> None:
    """Have the forms made in the form studio take up standard blocks as they are now, but those of these keys."""
    rows = FormRow.objects.filter(key__startswith=f"{service}.", by_hand=True, current__isnull=False)
    for row in rows.exclude(key__in=[f"{service}.{key}" for key in but]).select_related("current"):
        assert row.current
        publish(service, written(row.current), by=by, at=at)


def withdraw(service: str, *, leaving: Collection[str]) -> None:
    """Take no new drafts on the forms of a service but those of these keys, and those made in the form studio.

    Drafts begun may still be sent.
    """
    mine = FormRow.objects.filter(key__startswith=f"{service}.", current__isnull=False, by_hand=False)
    mine.exclude(key__in=[f"{service}.{key}" for key in leaving]).update(current=None)


def publish_block(block: Block, *, by: User, at: datetime) -> BlockVersion:
    """Keep a standard block as its newest version. Forms take it up when they are published again."""
    with recording.because(action="form.block_published", by=by, at=at):
        latest = BlockVersion.objects.select_for_update().filter(key=block.key).order_by("-number").first()
        fingerprint = definition.fingerprint(block)
        if latest and latest.fingerprint == fingerprint:
            return latest
        version = BlockVersion.objects.create(
            key=block.key,
            number=latest.number + 1 if latest else 1,
            definition=definition.to_data(block),
            fingerprint=fingerprint,
            published_at=at,
            published_by=by,
        )
        recording.record("form.block_published", version, by=by, at=at, key=block.key, number=version.number)
    return version


def standard_blocks() -> dict[str, Block]:
    """The blocks in force: those published, and those that come with the product where none was."""
    newest = BlockVersion.objects.order_by("key", "-number").distinct("key")
    kept = {row.key: definition.block_from_data(row.definition, file=f"block {row.key}") for row in newest}
    return {**blocks.built_in(), **kept}


def set_notice(key: str, *, notice: Mapping[str, str], by: User, at: datetime) -> None:
    """Show this instead of the form, in these languages, until it is taken away by an empty one."""
    with recording.because(action="form.notice_set", by=by, at=at):
        row = FormRow.objects.select_for_update().get(key=key)
        row.notice = {language: text.strip() for language, text in notice.items() if text.strip()}
        row.save(update_fields=["notice"])
        recording.record("form.notice_set", row, by=by, at=at, closed=bool(row.notice))
