"""Publishing forms and standard blocks as numbered versions, and the notice shown instead of a form."""

from collections.abc import Collection, Mapping
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.forms import blocks, definition, plan
from moothall.domain.forms.definition import Block, Form
from moothall.domain.forms.models import BlockVersion, FormVersion
from moothall.domain.forms.models import Form as FormRow


def publish(service: str, form: Form, *, by: User, at: datetime) -> FormVersion:
    """Keep `form`, its blocks put in as they are now, as the newest version of `<service>.<key>`; put it in force.

    The newest stays where nothing changed. Runs inside the transaction of whoever publishes the service.
    """
    whole = blocks.put_in(form, standard_blocks(), file=f"forms/{form.key}.yaml")
    row, _ = FormRow.objects.select_for_update().get_or_create(key=f"{service}.{form.key}")
    latest = row.versions.order_by("-number").first()
    fingerprint = definition.fingerprint(whole)
    plan.of(whole)  # a block may have become another than when the form was checked
    if latest is None or latest.fingerprint != fingerprint:
        latest = FormVersion.objects.create(
            form=row,
            number=latest.number + 1 if latest else 1,
            definition=definition.to_data(whole),
            fingerprint=fingerprint,
            published_at=at,
            published_by=by,
        )
    row.current = latest
    row.save(update_fields=["current"])
    return latest


def withdraw(service: str, *, leaving: Collection[str]) -> None:
    """Take no new drafts on the forms of a service but those of these keys. Drafts begun may still be sent."""
    mine = FormRow.objects.filter(key__startswith=f"{service}.", current__isnull=False)
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
