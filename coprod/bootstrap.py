"""Behind ./run and ./test: makes .venv and finds the system's libraries, then hands over.

Runs before anything is installed, so it uses the standard library only and never imports Django.
What is done is stamped in .venv, so that a second start does none of it.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "coprod-stamp.json"
MACOS = sys.platform == "darwin"

PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"]
# Deprecations are errors here: WeasyPrint only warns when the font subsetter is missing.
PDF_PROBE = "import weasyprint; weasyprint.HTML(string='<p>Probe').write_pdf()"
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
USAGE = """\
./run             starts the portal; the first start fills it with the demonstration forum
./run --new       the same with an empty forum, and prints a link to set it up
./run COMMAND …   runs one of the portal's own commands (./run help lists them)

PORT          the port, 8000 if not set
COPROD_DATA   the folder for database, files and mail, ./var if not set
DATABASE_URL, REDIS_URL, EMAIL_URL   real servers instead of files
"""


def main(args: list[str]) -> NoReturn:
    """`run …` or `test …`, as the two shell scripts call it."""
    command, *rest = args
    if rest and rest[0] in {"-h", "--help"} and command == "run":
        print(USAGE, end="")
        sys.exit(0)
    if command == "run" and rest and rest[0].startswith("-") and rest != ["--new"]:
        stop("./run takes --new, or one of the portal's own commands; ./run --help says more.")
    prepare(dev=command == "test")
    if command == "test":
        hand_over("-m", "tests.suite", *rest)
    if rest and not rest[0].startswith("-"):
        hand_over("manage.py", *rest)
    hand_over("manage.py", "serve", "--new" if rest else "--demo")


def prepare(*, dev: bool) -> None:
    """Bring .venv and the system's libraries to what the lock files ask for."""
    with open(ROOT / "requirements.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first starts at once take turns
        stamp = read_stamp()
        wanted = wanted_stamp(dev=dev)
        if all(stamp.get(key) == value for key, value in wanted.items()):
            return
        if stamp.get("python", wanted["python"]) != wanted["python"] or not pip_works():
            make_venv()
            stamp = {}
        install_packages(stamp, wanted)
        provide_pdf_libraries()
        if dev:
            provide_test_programs()
        # A runtime start doesn't take back what the tests installed.
        STAMP.write_text(json.dumps(stamp | wanted))


def read_stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if PYTHON.exists() else {}


def wanted_stamp(*, dev: bool) -> dict[str, str]:
    wanted = {"python": platform.python_version(), "place": str(ROOT)}
    for name in ["requirements.lock"] + ["requirements-dev.lock"] * dev:
        wanted[name] = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
    return wanted


def pip_works() -> bool:
    """False for no .venv, a half-made one, a broken or a moved one."""
    activate = VENV / "bin" / "activate"
    if not activate.exists() or str(VENV) not in activate.read_text(errors="replace"):
        return False
    check = "import pip, platform, sys; sys.exit(platform.python_version() != sys.argv[1])"
    return PYTHON.exists() and quiet(str(PYTHON), "-c", check, platform.python_version())


def make_venv() -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    if importlib.util.find_spec("ensurepip") is None:
        apt([f"python3.{sys.version_info.minor}-venv"], why="Python can't make its own folder")
    say("Making .venv …")
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)]).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        stop("The folder .venv could not be made: the lines above say why.")


def install_packages(stamp: dict[str, str], wanted: dict[str, str]) -> None:
    """The runtime lock, and the development lock on top of it."""
    for name in (key for key in wanted if key.endswith(".lock")):
        if stamp.get(name) == wanted[name]:
            continue
        say(f"Installing the packages of {name} …")
        pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        if subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / name)]).returncode:
            stop("The packages could not be installed: the lines above say why.")


def provide_pdf_libraries() -> None:
    set_library_path()
    probe = [str(PYTHON), "-W", "error::DeprecationWarning", "-c", PDF_PROBE]
    if quiet(*probe):
        return
    if MACOS:
        stop("PDFs need Pango: brew install pango, then start again.")
    apt(PANGO, why="PDFs need Pango")
    if not quiet(*probe):
        subprocess.run(probe)
        stop("WeasyPrint still can't make a PDF: the lines above say why.")


def provide_test_programs() -> None:
    """A browser for the journeys; database servers only where root may install them."""
    if MACOS:
        return  # tests/journeys uses the installed Chrome
    missing = []
    if not any(map(shutil.which, BROWSERS)):
        missing.append("chromium")
    if not quiet(sys.executable, "-c", "import ctypes; ctypes.CDLL('libatomic.so.1')"):
        missing.append("libatomic1")
    if missing:
        apt(missing, why="The browser tests need a browser")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        servers = []
        if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            servers.append("postgresql")
        if not shutil.which("redis-server"):
            servers.append("redis-server")
        if servers:
            apt(servers, why="The second test run needs servers", needed=False)


def apt(packages: list[str], *, why: str, needed: bool = True) -> None:
    """Install Debian packages where that needs no password; else say exactly what to type."""
    line = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if not shutil.which("apt-get"):
        stop(f"{why}: install what Debian calls {', '.join(packages)}, then start again.")
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and not (shutil.which("sudo") and quiet("sudo", "-n", "true")):
        stop(f"{why}: sudo {line}")
    say(f"{why}: {line} …")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    get = [*sudo, "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"]
    for action in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*get, *action], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    if done.returncode:
        print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
        if needed:
            stop(f"{why}, and this failed: {' '.join(sudo)} {line}")


def set_library_path() -> None:
    """Homebrew's libraries are not where macOS looks for them."""
    if MACOS and (brew := shutil.which("brew")):
        prefix = subprocess.run([brew, "--prefix"], capture_output=True, text=True).stdout.strip()
        os.environ.setdefault("DYLD_FALLBACK_LIBRARY_PATH", f"{prefix}/lib:/usr/local/lib:/usr/lib")


def hand_over(*args: str) -> NoReturn:
    set_library_path()
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), *args])


def quiet(*command: str) -> bool:
    """Whether this succeeds."""
    return not subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode


def say(line: str) -> None:
    print(line, flush=True)


def stop(line: str) -> NoReturn:
    print(line, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
