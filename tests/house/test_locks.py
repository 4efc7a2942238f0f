"""The lock files install what pyproject.toml asks for, the same everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["dependency-groups"]["dev"],
}


def entries(name: str) -> dict[str, str]:
    """Each package of a lock file, with the text that pins it."""
    text = (ROOT / name).read_text()
    return {
        canonicalize_name(block.partition("==")[0].partition("[")[0]): block
        for block in re.split(r"\n(?=[a-zA-Z0-9])", text)
        if "==" in block
    }


def pins(name: str) -> dict[str, str]:
    return {
        package: re.split(r"[ ;\\]", block.partition("==")[2].strip())[0]
        for package, block in entries(name).items()
    }


@pytest.mark.parametrize("name", WANTED)
def test_lock_holds_what_pyproject_asks_for(name):
    locked = pins(name)
    for line in WANTED[name]:
        wanted = Requirement(line)
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), line


@pytest.mark.parametrize("name", WANTED)
def test_lock_pins_every_package_by_hash(name):
    assert entries(name)
    for package, block in entries(name).items():
        assert "--hash=sha256:" in block, package


@pytest.mark.parametrize("name", WANTED)
def test_lock_names_no_host_and_no_folder(name):
    for line in (ROOT / name).read_text().splitlines():
        assert not re.search(r"://|index-url|find-links|trusted-host| @ |^-[^-]|[ =]/", line), line


def test_locks_agree_on_what_they_share():
    runtime, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    for package in runtime.keys() & dev.keys():
        assert runtime[package] == dev[package], package
