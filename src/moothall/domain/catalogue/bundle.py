"""A service as read from its files: parsed, and checked as a whole."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from moothall.domain.catalogue.example import Example
from moothall.domain.catalogue.form_example import FormExample
from moothall.domain.catalogue.manifest import ListFile, Manifest
from moothall.domain.forms import definition as forms_definition
from moothall.domain.forms.definition import Form
from moothall.domain.forms.rest import RestLookUp
from moothall.domain.messages import templates
from moothall.domain.messages.language import TemplateFault
from moothall.domain.workflow import definition, yamltext
from moothall.domain.workflow.definition import Fault, Faulty, Workflow

LARGEST_FILE = 500_000  # characters
FOLDERS = {
    "workflows": ".yaml",
    "forms": ".yaml",
    "lookups": ".yaml",
    "lists": ".yaml",
    "letters": ".html",
    "examples": ".yaml",
}

_OF_A_FORM = re.compile(r"^form:", re.MULTILINE)
_NO_PLACE = "A service folder has no place for this file."

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True)
class Bundle:
    """One version of a service. `files` is what it was read from and exports to, by path inside the folder.

    Letters are by file name without its ending: `refusal`, and `refusal.cy` in Welsh. Examples of forms are those of
    `examples/` that name a form; the forms are as written, with their blocks not put in.
    """

    manifest: Manifest
    workflows: Mapping[str, Workflow]
    lists: Mapping[str, ListFile]
    letters: Mapping[str, templates.Parsed]
    examples: Mapping[str, Example]
    files: Mapping[str, str]
    forms: Mapping[str, Form] = field(default_factory=dict)
    form_examples: Mapping[str, FormExample] = field(default_factory=dict)
    lookups: Mapping[str, RestLookUp] = field(default_factory=dict)


def read_folder(folder: Path) -> dict[str, str]:
    """The declarative files of a service folder by path. Raises Faulty with everything that cannot be read."""
    if not folder.is_dir():
        raise Faulty([Fault("", "", "", f"There is no folder {folder}.")])
    if not (folder / "service.yaml").exists():
        raise Faulty([Fault("service.yaml", "", "", "There is no service.yaml in this folder.")])
    texts: dict[str, str] = {}
    found: list[Fault] = []
    for path in _paths(folder):
        file = path.relative_to(folder).as_posix()
        try:
            if path.is_file() and not _belongs(file):
                raise _Unreadable(_NO_PLACE)
            texts[file] = _text(path)
        except _Unreadable as error:
            found.append(Fault(file, "", "", str(error)))
    if found:
        raise Faulty(found)
    return texts


def _paths(folder: Path) -> Iterator[Path]:
    """The declarative files, and whatever else lies where only they belong. Code and hidden files are left aside."""
    inside = [path for name in FOLDERS for path in sorted((folder / name).glob("*"))]
    beside = [path for path in sorted(folder.iterdir()) if path.suffix in (".yaml", ".yml", ".html")]
    misnamed = [path for path in sorted(folder.iterdir()) if path.is_dir() and _looks_like_ours(path.name)]
    for path in (*beside, *misnamed, *inside):
        if not path.name.startswith((".", "__")):
            yield path


def _looks_like_ours(name: str) -> bool:
    return name not in FOLDERS and bool(get_close_matches(name.lower(), FOLDERS, n=1, cutoff=0.8))


class _Unreadable(Exception):
    """A file of a service cannot be used; the message is a sentence."""


def _text(path: Path) -> str:
    if path.is_dir():
        near = get_close_matches(path.name.lower(), FOLDERS, n=1, cutoff=0.8)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise _Unreadable(f"This is a folder, and a service has no place for it here.{hint}")
    try:
        if not path.is_file():
            raise _Unreadable("This is not a file that can be read.")
        if path.stat().st_size > LARGEST_FILE:
            raise _Unreadable(f"The file is larger than {LARGEST_FILE:,} bytes.")
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise _Unreadable("The file is not UTF-8 text.") from error
    except OSError as error:
        raise _Unreadable(f"The file cannot be read: {error.strerror}.") from error


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
    found += [Fault(file, "", "", _NO_PLACE) for file in unknown]
    found += [Fault(file, "", "", sentence) for file in files if _belongs(file) for sentence in _name_faults(file)]
    manifest = collect(partial(_read_model, Manifest, files.get("service.yaml", ""), "service.yaml"))
    workflows = {k: collect(partial(_read_workflow, t, f, k)) for k, f, t in _in_folder(files, "workflows")}
    lists = {k: collect(partial(_read_model, ListFile, t, f)) for k, f, t in _in_folder(files, "lists")}
    letters = {k: collect(partial(_read_letter, t, f)) for k, f, t in _in_folder(files, "letters")}
    forms = {k: collect(partial(_read_form, t, f, k)) for k, f, t in _in_folder(files, "forms")}
    lookups = {k: collect(partial(_read_model, RestLookUp, t, f)) for k, f, t in _in_folder(files, "lookups")}
    told = list(_in_folder(files, "examples"))
    examples = {k: collect(partial(_read_model, Example, t, f)) for k, f, t in told if not _OF_A_FORM.search(t)}
    of_forms = {k: collect(partial(_read_model, FormExample, t, f)) for k, f, t in told if _OF_A_FORM.search(t)}
    if found or manifest is None:
        raise Faulty(found)
    return Bundle(
        manifest,
        _whole(workflows),
        _whole(lists),
        _whole(letters),
        examples=_whole(examples),
        files=dict(files),
        forms=_whole(forms),
        form_examples=_whole(of_forms),
        lookups=_whole(lookups),
    )


def lookups_of(files: Mapping[str, str]) -> dict[str, RestLookUp]:
    """The look-ups among the files of a published service. Raises Faulty."""
    return {key: _read_model(RestLookUp, text, file) for key, file, text in _in_folder(files, "lookups")}


def examples_of(files: Mapping[str, str], form: str) -> dict[str, FormExample]:
    """The examples of one form among the files of a service that can be read, by their keys."""
    found: dict[str, FormExample] = {}
    for key, file, text in _in_folder(files, "examples"):
        if _OF_A_FORM.search(text):
            try:
                example = _read_model(FormExample, text, file)
            except Faulty:
                continue  # it was published before what is now asked of an example
            if example.form == form:
                found[key] = example
    return found


@lru_cache(maxsize=64)
def read_manifest(text: str) -> Manifest:
    """service.yaml as a manifest, read once: what is read cannot be changed. Raises Faulty."""
    return _read_model(Manifest, text, "service.yaml")


def _belongs(file: str) -> bool:
    path = PurePosixPath(file)
    return file == "service.yaml" or (len(path.parts) == 2 and FOLDERS.get(path.parts[0]) == path.suffix)


def _name_faults(file: str) -> Iterator[str]:
    """What keeps a file from being named by the rest of the service."""
    path = PurePosixPath(file)
    key, _, language = path.stem.partition(".") if path.parts[0] == "letters" else (path.stem, "", "")
    if not re.fullmatch("[a-z][a-z0-9_]{0,59}", key):
        yield f"“{key}” cannot be the name of a file here: use small letters, digits and _ and start with a letter."
    if language not in ("", "en", "cy"):
        yield f"“{language}” is not a language of letters: after the name of the file may stand .cy for Welsh."


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
                Fault(file, "", ".".join(_named(part) for part in path), sentence, source.line(path))
                for path, sentence in yamltext.problems(error, keys)
            ]
        ) from error


def _named(part: str | int) -> str:
    return part if isinstance(part, str) else f"number {part + 1}"


def _read_letter(text: str, file: str) -> templates.Parsed:
    try:
        letter = templates.parse(text, file)
    except TemplateFault as error:
        sentences = [sentence.removeprefix(f"{file}: ") for sentence in error.sentences]
        raise Faulty([Fault(file, "", "", f"{words[:1].upper()}{words[1:]}") for words in sentences]) from error
    named = PurePosixPath(file).stem.partition(".")[2] or "en"
    if letter.language != named:
        sentence = f"The letter is in the language {letter.language}, but its file is named as one in {named}."
        raise Faulty([Fault(file, "", "language", sentence)])
    return letter


def _read_workflow(text: str, file: str, key: str) -> Workflow:
    workflow = definition.parse(text, file=file)
    if workflow.key != key:
        raise Faulty([Fault(file, "", "key", f"The key is “{workflow.key}” but the file is named “{key}”.")])
    return workflow


def _read_form(text: str, file: str, key: str) -> Form:
    form = forms_definition.parse(text, file=file)
    if form.key != key:
        raise Faulty([Fault(file, "", "key", f"The key is “{form.key}” but the file is named “{key}”.")])
    return form
