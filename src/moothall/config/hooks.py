"""The Python of services: loads the hooks of those that come with the product, and tries those of a folder being checked."""

import importlib.util
import pkgutil
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from moothall import services
from moothall.config.apps import HooksFault
from moothall.domain.cases import effects
from moothall.domain.workflow.definition import Fault


def load_built_in() -> None:
    """Register the hooks of every service that comes with the product. Raises HooksFault."""
    for service in pkgutil.iter_modules(services.__path__, f"{services.__name__}."):
        folder = Path(import_module(service.name).__path__[0])
        if (folder / "hooks.py").exists():
            try:
                import_module(f"{service.name}.hooks")
            except Exception as error:  # whatever the code of a service raises
                line, sentence = _explained(error, folder / "hooks.py")
                where = f"services/{folder.name}/hooks.py" + (f":{line}" if line else "")
                raise HooksFault(f"{where}: {sentence}") from error


def faults(folder: Path) -> Iterator[Fault]:
    """What keeps hooks.py of a service folder from being loaded. It is run, and what it registers is forgotten again."""
    file = folder / "hooks.py"
    if not file.exists():
        return
    spec = importlib.util.spec_from_file_location("moothall_hooks_being_checked", file)
    if spec is None or spec.loader is None:
        return
    try:
        with effects.hooks_restored():
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the code of a service raises
        line, sentence = _explained(error, file)
        yield Fault("hooks.py", "", "", sentence, line)


def _explained(error: BaseException, file: Path) -> tuple[int | None, str]:
    """The line of the file at which it went wrong, and what in a sentence."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno, f"This is not valid Python: {error.msg}."
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    reason = " ".join(str(error).split())
    return (lines[-1] if lines else None), f"It cannot be loaded: {type(error).__name__}{reason and ': '}{reason}."
