"""A service as read from its files: parsed, and checked as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from moothall.domain.catalogue.example import Example
from moothall.domain.catalogue.manifest import ListFile, Manifest
from moothall.domain.messages import templates
from moothall.domain.messages.language import TemplateFault
from moothall.domain.workflow import definition, yamltext
from moothall.domain.workflow.definition import Fault, Faulty, Workflow

LARGEST_FILE = 500_000  # characters
FOLDERS = {"workflows": ".yaml", "lists": ".yaml", "letters": ".html", "examples": ".yaml"}

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True)
class Bundle:
    """One version of a service. `files` is what it was read from and exports to, by path inside the folder.

    Letters are by file name without its ending: `refusal`, and `refusal.cy` in Welsh.
    """

    manifest: Manifest
    workflows: Mapping[str, Workflow]
    lists: Mapping[str, ListFile]
    letters: Mapping[str, templates.Parsed]
    examples: Mapping[str, Example]
    files: Mapping[str, str]


def read_folder(folder: Path) -> dict[str, str]:
    """The declarative files of a service folder by path. Raises Faulty when there is no service.yaml."""
    manifest = folder / "service.yaml"
    if not manifest.is_file():
        raise Faulty([Fault(str(folder), "", "", "There is no service.yaml in this folder.")])
    paths = [
        manifest,
        *(path for name, suffix in FOLDERS.items() for path in sorted((folder / name).glob(f"*{suffix}"))),
    ]
    return {path.relative_to(folder).as_posix(): _text(path) for path in paths}


def _text(path: Path) -> str:
    text = path.read_bytes()
    if len(text) > LARGEST_FILE:
        raise Faulty([Fault(path.name, "", "", f"The file is larger than {LARGEST_FILE:,} bytes.")])
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Faulty([Fault(path.name, "", "", "The file is not UTF-8 text.")]) from error


def parse(files: Mapping[str, str]) -> Bundle:
    """Read every file. Raises Faulty with the faults of all of them at once."""
    found: list[Fault] = []

    def collect(read: "partial[P]") -> P | None:
        try:
            return read()
        except Faulty as error:
            found.extend(error.faults)
        return None

    unknown = sorted(file for file in files if not _belongs(file))
    found += [Fault(file, "", "", "A service folder has no place for this file.") for file in unknown]
    manifest = collect(partial(_read_model, Manifest, files.get("service.yaml", ""), "service.yaml"))
    workflows = {k: collect(partial(_read_workflow, t, f, k)) for k, f, t in _in_folder(files, "workflows")}
    lists = {k: collect(partial(_read_model, ListFile, t, f)) for k, f, t in _in_folder(files, "lists")}
    letters = {k: collect(partial(_read_letter, t, f)) for k, f, t in _in_folder(files, "letters")}
    examples = {k: collect(partial(_read_model, Example, t, f)) for k, f, t in _in_folder(files, "examples")}
    if found or manifest is None:
        raise Faulty(found)
    return Bundle(
        manifest, _whole(workflows), _whole(lists), _whole(letters), examples=_whole(examples), files=dict(files)
    )


def read_manifest(text: str) -> Manifest:
    """service.yaml as a manifest. Raises Faulty."""
    return _read_model(Manifest, text, "service.yaml")


def _belongs(file: str) -> bool:
    path = PurePosixPath(file)
    return file == "service.yaml" or (len(path.parts) == 2 and FOLDERS.get(path.parts[0]) == path.suffix)


def _in_folder(files: Mapping[str, str], folder: str) -> Iterator[tuple[str, str, str]]:
    for file, text in sorted(files.items()):
        path = PurePosixPath(file)
        if _belongs(file) and path.parts[0] == folder:
            yield path.stem, file, text


def _whole(parts: Mapping[str, P | None]) -> dict[str, P]:
    return {key: part for key, part in parts.items() if part is not None}


def _read_model(model: type[P], text: str, file: str) -> P:
    try:
        source = yamltext.read(text)
        return model.model_validate(source.data)
    except yamltext.YamlFault as error:
        raise Faulty([Fault(file, "", "", str(error), error.line)]) from error
    except ValidationError as error:
        keys = {model.__name__: tuple(model.model_fields)}
        raise Faulty(
            [
                Fault(file, "", ".".join(str(part) for part in path), sentence, source.line(path))
                for path, sentence in yamltext.problems(error, keys)
            ]
        ) from error


def _read_letter(text: str, file: str) -> templates.Parsed:
    try:
        return templates.parse(text, file)
    except TemplateFault as error:
        raise Faulty([Fault(file, "", "", sentence) for sentence in error.sentences]) from error


def _read_workflow(text: str, file: str, key: str) -> Workflow:
    workflow = definition.parse(text, file=file)
    if workflow.key != key:
        raise Faulty([Fault(file, "", "key", f"The key is “{workflow.key}” but the file is named “{key}”.")])
    return workflow
