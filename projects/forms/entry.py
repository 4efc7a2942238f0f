"""One draft as a whole: which pages it needs, what is wrong, what the entry would say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from members.models import Person
from projects.forms.entry_pages import (
    OTHER,
    SHORT,
    AfterForm,
    HowForm,
    PageForm,
    SaidForm,
    StageForm,
    ToldForm,
    Who,
    WhoForm,
    as_text,
)
from projects.methods import Method
from projects.models import Involvement, Project
from projects.services.involvement import Logged, Part

#: Each page's short name in its address, and its form.
PAGES: dict[str, type[PageForm]] = {
    "how": HowForm,
    "who": WhoForm,
    "stage": StageForm,
    "said": SaidForm,
    "told": ToldForm,
    "after": AfterForm,
}
#: The heading of a page whose form has several questions.
TITLES = {
    "how": "Log who took part",
    "who": "Who took part?",
    "said": "What did they say, and what came of it?",
    "after": "What happens next?",
}


def pages_for(answers: Mapping[str, Any]) -> list[str]:
    """The pages that this entry needs, in order: a phone call needs fewer than a meeting."""
    method = answers.get("how", {}).get("means", "")
    pages = ["how", "who", "stage"]
    if answers.get("who", {}).get("none"):
        return pages
    if method == Method.TOLD:
        return [*pages, "told"]
    return [*pages, "said"] if method in SHORT else [*pages, "said", "after"]


def may_have(answers: Mapping[str, Any]) -> list[str]:
    """Those and what can be added on the way back from the last page."""
    pages = pages_for(answers)
    return [*pages, "after"] if pages[-1] == "said" else pages


class Entry:
    """All pages of one draft together: which is next, what is wrong, what it would say."""

    def __init__(self, project: Project, person: Person, answers: Mapping[str, Any]) -> None:
        self.project, self.person, self.answers = project, person, answers
        self._forms: dict[str, PageForm] = {}

    def form(self, page: str) -> PageForm:
        """A page's form with what was kept of it, checked again; made once."""
        if page not in self._forms:
            self._forms[page] = self._form(page)
        return self._forms[page]

    def _form(self, page: str) -> PageForm:
        data = self.answers.get(page, {})
        return PAGES[page](data, project=self.project, person=self.person, answers=self.answers)

    @property
    def next_page(self) -> str:
        """The first page that has no answer; empty when only the last look is left."""
        return next((page for page in pages_for(self.answers) if page not in self.answers), "")

    def first_wrong(self) -> str:
        """The first page whose kept answer doesn't hold (any more); empty when all do."""
        for page in may_have(self.answers):
            known = page in self.answers
            if (known or page in pages_for(self.answers)) and not self.form(page).is_valid():
                return page
        return ""

    def logged(self) -> Logged:
        """What it says. Call it once nothing is wrong."""
        found: dict[str, Any] = {}
        parts: list[Part] = []
        for page in may_have(self.answers):
            if page in self.answers:
                form = self.form(page)
                form.is_valid()
                found |= form.cleaned_data
                parts = form.parts() if isinstance(form, WhoForm) else parts
        told = found.get("told") == "yes"
        hours = found.get("hours")
        logged = Logged(
            on=found["on"],
            method=found["means"],
            stage=found["stage"],
            parts=parts,
            title=found.get("title", ""),
            said=found.get("said", ""),
            changed=found.get("changed", ""),
            unchanged=found.get("unchanged", ""),
            why=found.get("why", ""),
            told_how=found.get("told_how", ""),
            replied_on=found.get("replied_on") if told else None,
            next_on=found.get("next_on"),
            minutes=round(hours * 60) if hours else None,
            told_by=found.get("told_by"),
        )
        more = [p for p in parts if p.invited is not None and p.came > p.invited]
        return replace(logged, more_than_invited=more)


def answers_of(entry: Involvement) -> dict[str, Any]:
    """An entry's own words as a draft's, so that it can be put right page by page."""
    who: dict[str, str] = {}
    for part in entry.participations.all():
        names = {Who.YOUNG: "young", Who.OFFICERS: "officers"}
        key = f"g{part.group_id}" if part.group_id else names.get(Who(part.who), "other")
        who[f"came_{key}"] = str(part.came)
        if part.invited is not None:
            who[f"invited_{key}"] = str(part.invited)
    if not entry.parents_came:
        who["none"] = "on"
    how = {"when": OTHER, "on": entry.on, "means": entry.method, "title": entry.title}
    said = {name: getattr(entry, name) for name in ("said", "changed", "unchanged", "why")}
    after = {
        "told": "yes" if entry.replied_on else "no",
        "told_how": entry.told_how if entry.replied_on else "",
        "replied_on": entry.replied_on,
        "next_on": entry.next_on,
        "hours": f"{entry.minutes / 60:.2f}" if entry.minutes else "",
    }
    pages: dict[str, dict[str, Any]] = {
        "how": how,
        "who": who,
        "stage": {"stage": entry.stage},
        "said": said,
        "told": {"told_how": entry.told_how},
        "after": after,
    }
    return {
        page: {name: as_text(value) for name, value in kept.items() if value not in (None, "")}
        for page, kept in pages.items()
    }
