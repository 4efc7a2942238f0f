"""Rules about the code itself: what a reviewer would otherwise have to look for."""

import ast
import re
from pathlib import Path

import pytest
import rules
from django.apps import apps
from django.conf import settings
from django.db import models

from coprod import registry
from coprod.management.commands.statemachine import diagram, drawn_into

ROOT = Path(settings.BASE_DIR)
APPS = ("coprod", "members", "projects", "meetings", "expenses")
SOURCES = [p for app in APPS for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts]
TEMPLATES = list((ROOT / "templates").rglob("*.html")) + list((ROOT / "templates").rglob("*.txt"))

#: Times that need nobody's name beside them, with the reason.
TIMES_WITHOUT_BY = {
    "coprod.AuditEvent.at": "by_id stands beside it as a bare id",
    "coprod.Forum.created_at": "made at set-up, before anybody exists",
    "coprod.Message.created_at": "the audit event of its cause says who",
    "coprod.Message.next_try_at": "a plan, not a deed",
    "coprod.Message.claimed_at": "a worker's",
    "coprod.Message.bounced_at": "a mail server's",
    "coprod.StoredPage.made_at": "derived",
    "members.Person.created_at": "the audit event says who",
    "members.MemberGroup.created_at": "its first standing says who",
    "meetings.Meeting.starts_at": "derived from date and time",
    "meetings.Minutes.agreed_at": "agreed by the rule; each answer says by whom",
    "meetings.Paragraph.retired_at": "the section's edit says by whom",
    "meetings.Document.made_at": "derived from the agreed version",
    "meetings.CalendarKey.made_at": "only its own person makes one",
    "projects.EditionFile.made_at": "made from its edition by a worker; the edition says by whom",
    "projects.LogDraft.begun_at": "only its own person writes in it",
    "projects.LogDraft.changed_at": "only its own person writes in it",
}


def test_time_when_stored_then_says_by_whom():
    lacking = []
    for model in apps.get_models():
        if model._meta.app_label not in APPS:
            continue
        names = {f.name for f in model._meta.get_fields()}
        for field in model._meta.get_fields():
            if isinstance(field, models.DateTimeField) and field.name.endswith("at"):
                label = f"{model._meta.label}.{field.name}"
                beside = field.name.removesuffix("at") + "by"
                if beside not in names and label not in TIMES_WITHOUT_BY:
                    lacking.append(label)
    assert lacking == []


def test_exemption_when_listed_then_still_needed():
    known = {f"{m._meta.label}.{f.name}" for m in apps.get_models() for f in m._meta.get_fields()}
    assert set(TIMES_WITHOUT_BY) <= known


def _named_permissions():
    """Every permission that a view, service or template names, with a file that does."""
    pattern = re.compile(r"[\"'](?:members|meetings|projects|expenses)\.[a-z_]+[\"']")
    codes = {name.strip("\"'") for name in rules.permissions.permissions}
    found = {}
    for path in [p for p in SOURCES if p.name != "rules.py"] + TEMPLATES:
        text = path.read_text()
        for line in text.splitlines():
            asked = "fetch_permitted" in line or "require(" in line or "has_perm" in line
            for name in (n.strip("\"'") for n in pattern.findall(line)):
                if asked or name in codes:
                    found.setdefault(name, path)
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called in {"fetch_permitted", "require", "has_perm"}:
                    for arg in node.args:
                        if isinstance(arg, ast.Constant) and isinstance(arg.value, str):
                            found.setdefault(arg.value, path)
    return found


def test_permission_when_named_anywhere_then_exists():
    found = _named_permissions()
    assert len(found) > 10
    unknown = {name: str(path) for name, path in found.items() if not rules.perm_exists(name)}
    assert unknown == {}


def test_permission_when_registered_then_used():
    registered = {name for name in rules.permissions.permissions if "." in name}
    used = set(_named_permissions())
    assert registered - used == set()


def test_floor_when_read_then_names_no_app():
    allowed = {"settings.py", "urls.py", "celery.py", "home.py"}
    for path in (ROOT / "coprod").rglob("*.py"):
        if path.name in allowed or {"commands", "demo", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in APPS[1:], f"{path} imports {name}"


def test_letter_when_queued_somewhere_then_has_its_words():
    queued = set()
    for path in SOURCES:
        queued |= set(re.findall(r"template=\"([a-z]+/[a-z_]+)\"", path.read_text()))
    assert len(queued) > 5
    assert queued <= set(registry.letters)


@pytest.mark.parametrize("name", sorted(registry.letters))
def test_letter_when_registered_then_has_a_text(name):
    assert (ROOT / "templates" / "emails" / f"{name}.txt").exists()


def test_diagram_when_table_changes_then_must_follow():
    page = (ROOT / "ARCHITECTURE.md").read_text()
    assert drawn_into(page) == page
    for model in ("meetings.Minutes", "expenses.Claim"):
        assert diagram(model) in page


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module_when_opened_then_says_what_it_is(path):
    tree = ast.parse(path.read_text())
    assert not tree.body or ast.get_docstring(tree), "a module without a docstring"
    assert len(path.read_text().splitlines()) <= 500, "a file longer than 500 lines"


def test_functions_when_counted_then_are_short():
    long = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                first = node.body[1] if len(node.body) > 1 and ast.get_docstring(node) else node
                length = (node.end_lineno or 0) - first.lineno + 1
                if length > 40:
                    long.append(f"{path.relative_to(ROOT)}:{node.name} {length}")
    assert long == []


def test_template_when_read_then_holds_no_inline_style_or_script():
    guilty = []
    for path in TEMPLATES:
        if path.is_relative_to(ROOT / "templates" / "emails") or path.suffix == ".txt":
            continue
        text = path.read_text()
        if re.search(r"\sstyle=\"|<style|\son[a-z]+=\"|<script(?![^>]*src=)", text):
            guilty.append(str(path.relative_to(ROOT)))
    assert guilty == []


def test_repository_when_searched_then_names_no_machine():
    # Split, so that this line doesn't find itself.
    words = ["/wo" + "rk/", "find-" + "links", "index-" + "url"]
    for path in SOURCES + TEMPLATES + [*ROOT.glob("*.md"), *ROOT.glob("*.lock")]:
        text = path.read_text()
        assert not any(word in text for word in words), path
