"""Sets the project up in .venv with plain Python: system libraries, virtual environment, pinned packages.

Run as root it installs missing system libraries; as an ordinary user it names them. `make setup` calls it.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NODE = 20  # the oldest that builds the pages' styles
# What letters are made with: a library to try, and the Debian package it comes from.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # one is enough, for the journeys among the tests
FONTS = {Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"): "fonts-dejavu-core"}


def missing() -> list[str]:
    """Debian's names of the packages this machine lacks."""
    packages = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    if sys.platform == "linux":
        packages += [package for file, package in FONTS.items() if not file.exists()]
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        packages.append("python3-venv")
    return packages


def missing_programs() -> list[str]:
    """What the journeys need, which are skipped without it, and what shows the pages of a PDF beside a case."""
    browser = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    return browser + ([] if shutil.which("pdftoppm") else ["poppler-utils"])


def install_libraries() -> None:
    packages = missing()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        packages += missing_programs()
    elif programs := missing_programs():
        print(f"Some tests are skipped without {' and '.join(programs)}: apt-get install, as an administrator.")
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(
            f"This machine lacks {', '.join(packages)} (their names on Debian and Ubuntu).\n"
            f"Ask an administrator to run: {' '.join(command)}\nThen say the same again."
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    subprocess.run([*command, "-qq"], check=True, env=environment)


def install_node_packages() -> None:
    """Install what pages are made with, exactly as locked."""
    node, npm = shutil.which("node"), shutil.which("npm")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout if node else "v0"
    if npm is None or int(version.strip().lstrip("v").partition(".")[0]) < NODE:
        sys.exit(
            f"The pages' styles are built with Node {NODE} or newer and its npm, and this machine has"
            f" {f'Node {version.strip()}' if node else 'no Node'}{'' if npm or not node else ' but no npm'}.\n"
            "Install Node (nodejs and npm on Debian and Ubuntu), then say the same again."
        )
    subprocess.run([npm, "ci", "--no-progress", "--loglevel=error"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    subprocess.run([npm, "run", "--silent", "build"], check=True, cwd=ROOT)


def install_packages() -> None:
    """Install what the product is made of into its environment, exactly as pinned. What is imported is compiled then."""
    python = VENV / "bin" / "python"
    if not python.exists():
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    pins = ["-r", str(ROOT / "requirements.txt"), "-r", str(ROOT / "requirements-dev.txt")]
    subprocess.run([*pip, "--require-hashes", *pins], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True)


def collect() -> None:
    """Put styles and scripts where they are served from."""
    command = [str(VENV / "bin" / "moothall"), "collectstatic", "--no-input", "--clear", "--verbosity=0"]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "DATABASE_URL": "postgresql:///none"})


if __name__ == "__main__":
    install_libraries()
    with ThreadPoolExecutor() as beside:
        for one in [beside.submit(install_packages), beside.submit(install_node_packages)]:
            one.result()
    collect()
    (VENV / ".ready").touch()
