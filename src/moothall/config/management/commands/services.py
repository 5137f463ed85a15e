"""`moothall services`: check, load, export, list and draw the services a council offers."""

import json
from argparse import ArgumentParser
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from moothall import services
from moothall.config import hooks
from moothall.core.accounts.actions import system_user
from moothall.core.lists import actions as lists
from moothall.domain.cases.intention_types import TYPES
from moothall.domain.catalogue import actions, bundle, checks, form_studio
from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.catalogue.manifest import Manifest
from moothall.domain.catalogue.models import Service, ServiceVersion
from moothall.domain.forms import definition as forms
from moothall.domain.forms import publishing
from moothall.domain.forms import schema as forms_schema
from moothall.domain.forms.models import Form
from moothall.domain.workflow import compare, diagram, permits, schema
from moothall.domain.workflow.definition import Fault, Faulty

BUILT_IN = Path(services.__file__).parent


class Command(BaseCommand):
    help = "Check, load, export and draw services. Without a folder: those that come with the product."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, words in (("check", "list every fault"), ("load", "publish as versions")):
            verbs.add_parser(verb, help=words).add_argument("folders", nargs="*", type=Path)
        export = verbs.add_parser("export", help="write a version's files")
        export.add_argument("service")
        export.add_argument("folder", type=Path)
        export.add_argument("--number", type=int, help="version number; the one in force when left out")
        verbs.add_parser("block", help="publish a standard block of forms").add_argument("file", type=Path)
        notice = verbs.add_parser("notice", help="show a notice instead of a form, or take it away")
        notice.add_argument("form", help="<service>.<form>")
        notice.add_argument("--english", default="")
        notice.add_argument("--welsh", default="")
        for verb, words in (("diagram", "draw a workflow"), ("permits", "print who may do what where")):
            parser_of = verbs.add_parser(verb, help=words)
            parser_of.add_argument("workflow", help="<service>.<workflow>")
            parser_of.add_argument("--folder", type=Path, help="the service's folder; the built-in one when left out")
            parser_of.add_argument("--against", type=Path, help="another folder of the same service to compare with")
        verbs.choices["diagram"].add_argument("--svg", action="store_true", help="SVG instead of Mermaid")
        kind = verbs.add_parser("schema", help="print the JSON Schema of a definition")
        kind.add_argument("kind", nargs="?", choices=("workflow", "form"), default="workflow")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002
        getattr(self, f"_{verb}")(**options)

    def _check(self, *, folders: list[Path], to_do: Collection[str] = (), **_: Any) -> None:
        faults = 0
        sound: dict[Path, Manifest] = {}
        for folder in folders or built_in():
            found = list(hooks.faults(folder))
            try:
                bundle = read(folder)
                found += [*checks.check(bundle, to_do=to_do), *_claimed_twice(folder, bundle.manifest, sound)]
                sound[folder] = bundle.manifest
            except Faulty as error:
                found += error.faults
            faults += len(found)
            for fault in found:
                self.stderr.write(f"{folder.resolve().name}/{fault}")
        if faults:
            raise CommandError(f"{faults} fault{'s' if faults > 1 else ''} found.")
        self.stdout.write("No faults.")

    def _load(self, *, folders: list[Path], **_: Any) -> None:
        self._check(folders=folders, to_do=[kind.key for kind in lists.values(TYPES.key)])
        for folder in folders or built_in():
            version = actions.publish(read(folder), by=system_user(), at=timezone.now())
            self.stdout.write(f"{version.service.name}: version {version.number} is in force.")

    def _export(self, *, service: str, folder: Path, number: int | None, **_: Any) -> None:
        row = Service.objects.select_related("current").filter(key=service).first()
        if row is None or row.current is None:
            raise CommandError(f"There is no service “{service}”.")
        version = row.current if number is None else ServiceVersion.objects.filter(service=row, number=number).first()
        if version is None:
            raise CommandError(f"{row.name} has no version {number}.")
        files = {**version.files, **(form_studio.files(row) if version == row.current else {})}
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.stdout.write(f"{row.name} version {version.number}: {len(files)} files written to {folder}.")

    def _block(self, *, file: Path, **_: Any) -> None:
        try:
            block = forms.parse_block(file.read_text(), file=file.name)
        except (Faulty, OSError) as error:
            raise CommandError(str(error)) from error
        version = publishing.publish_block(block, by=system_user(), at=timezone.now())
        self.stdout.write(
            f"Block {block.key}: version {version.number}. Load the services whose forms include it again."
        )

    def _notice(self, *, form: str, english: str, welsh: str, **_: Any) -> None:
        try:
            notice = {"en": english, "cy": welsh}
            publishing.set_notice(form, notice=notice, by=system_user(), at=timezone.now())
        except Form.DoesNotExist:
            raise CommandError(f"There is no form “{form}”.") from None
        self.stdout.write("The notice is shown." if english or welsh else "The form is shown again.")

    def _diagram(self, *, workflow: str, folder: Path | None, svg: bool, **_: Any) -> None:
        definition = _workflow(workflow, folder)
        self.stdout.write(diagram.svg(definition) if svg else diagram.mermaid(definition))

    def _permits(self, *, workflow: str, folder: Path | None, against: Path | None, **_: Any) -> None:
        definition = _workflow(workflow, folder)
        if against is None:
            self.stdout.write(permits.as_markdown(definition))
            return
        other = _workflow(workflow, against)
        lines = [change.sentence for change in permits.compare_tables(definition, other)]
        lines += [change.sentence for change in compare.changes(definition, other)]
        self.stdout.write("\n".join(lines) or "No difference.")

    def _schema(self, *, kind: str, **_: Any) -> None:
        made = forms_schema.json_schema() if kind == "form" else schema.json_schema()
        self.stdout.write(json.dumps(made, indent=2))


def _claimed_twice(folder: Path, manifest: Manifest, others: Mapping[Path, Manifest]) -> Iterator[Fault]:
    """A key or a prefix of references that another of the folders checked together has."""
    for other_folder, other in others.items():
        if other_folder != folder:
            for name, text in (("key", manifest.key), ("prefix", manifest.prefix)):
                if text == getattr(other, name):
                    yield Fault("service.yaml", "", name, f"The {name} “{text}” is that of {other_folder} too.")


def built_in() -> list[Path]:
    """The folders of the services that come with the product."""
    return sorted(path.parent for path in BUILT_IN.glob("*/service.yaml"))


def read(folder: Path) -> Bundle:
    """A service folder as a bundle. Raises Faulty."""
    return bundle.parse(bundle.read_folder(folder))


def _workflow(name: str, folder: Path | None) -> Any:
    service, _, key = name.partition(".")
    try:
        return read(folder or BUILT_IN / service).workflows[key]
    except KeyError:
        raise CommandError(f"There is no workflow “{name}”.") from None
    except Faulty as error:
        raise CommandError(str(error)) from error
