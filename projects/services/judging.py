"""What would become of each row of a table: new, here already, or not to be added as it stands."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from coprod import clocks
from coprod.models import Forum
from projects.models import Import, ImportRow, Project
from projects.services.exports import Export, columns_of
from projects.understood import Problem, Understood, fold, row_understood

Outcome = ImportRow.Outcome
#: Field to the heading that it has in an export.
_HEADINGS = {
    "title": "Title",
    "summary": "Summary",
    "started": "Started",
    "due": "Due",
    "review": "Review date",
    "completed": "Completed",
    "lead": "Lead organisation",
    "involved": "Who is involved",
    "driver": "Driver",
    "theme": "Theme",
    "wards": "Wards",
    "notes": "Notes",
    "public": "Public",
}


def known_rows() -> dict[str, int]:
    """Key to project, of every row that became a project that is still here."""
    rows = ImportRow.objects.filter(outcome=Outcome.NEW, project__isnull=False)
    return dict(rows.values_list("key", "project_id"))


def hash_of(words: Mapping[str, str]) -> str:
    """Of the words in a row: by column, but not by the order of columns, rows, case or blanks."""
    plain = {name: fold(text) for name, text in words.items() if text.strip()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


class Judge:
    """Looks at all rows of one table in order; what stands in earlier ones counts for later."""

    def __init__(self, brought: Import) -> None:
        self.brought, self.columns = brought, columns_of(brought)
        self.today, self.year_begins = clocks.today(), Forum.current().year_begins
        self.known = known_rows()
        self.titles = {fold(title) for title in Project.objects.values_list("title", flat=True)}
        self.times: Counter[str] = Counter()
        self.first_row_of: dict[str, int] = {}

    def rows(self, rows: Sequence[ImportRow]) -> Sequence[ImportRow]:
        """The same rows with key, outcome, problems and what they belong to. Saves nothing."""
        understood = [self._understand(row) for row in rows]
        here = self._by_reference([each.words.get("reference", "") for each in understood])
        for row, each in zip(rows, understood, strict=True):
            row.key = self._key(row)
            row.project_id = None
            row.reads_finished = each.reads_finished
            row.outcome = self._outcome(row, each, here)
            read = [problem for problem in row.problems if problem.get("read")]
            row.problems = read + [problem.kept() for problem in each.problems]
        return rows

    def see(self, rows: Sequence[ImportRow]) -> None:
        """Rows that were judged before."""
        for row in rows:
            self._key(row)
            self.first_row_of.setdefault(fold(self._title(row)), row.number)

    def _understand(self, row: ImportRow) -> Understood:
        return row_understood(
            self.columns, row.cells, today=self.today, year_begins=self.year_begins
        )

    def _title(self, row: ImportRow) -> str:
        return self.columns.read(row.cells).get("title", "")

    def _key(self, row: ImportRow) -> str:
        words = self.columns.read(row.cells)
        words.pop("reference", None)
        kept = {f"={name}": text for name, text in self.columns.kept_words(row.cells).items()}
        found = hash_of(words | kept)
        self.times[found] += 1
        times = self.times[found]
        return found if times == 1 else hashlib.sha256(f"{found}{times}".encode()).hexdigest()

    def _outcome(self, row: ImportRow, each: Understood, here: Mapping[str, dict[str, str]]) -> str:
        title = fold(each.title)
        twin = self.first_row_of.setdefault(title, row.number)
        named = (p for p, name in self.columns.fields.items() if name == "title")
        head = self.columns.headings[next(named, 0)]
        if each.stops:
            return Outcome.PROBLEM
        if row.key in self.known:
            row.project_id = self.known[row.key]
            return Outcome.SAME
        if found := here.get(each.words.get("reference", "")):
            row.project_id = int(found["pk"])
            return self._compared(each, found)
        if title in self.titles:
            said = "A project of this title is here already. Tick the row to add it as another one"
            each.problems.append(Problem(head, said))
            return Outcome.DIFFERS
        if twin != row.number:
            said = f"Row {twin} has the same title. They count as two projects"
            each.problems.append(Problem(head, said))
        return Outcome.NEW

    def _compared(self, each: Understood, found: Mapping[str, str]) -> str:
        """A row of our own export, beside the project as it stands now."""
        other = [
            heading
            for name, heading in _HEADINGS.items()
            if name in each.words and fold(each.words[name]) != fold(found.get(heading, ""))
        ]
        if not other:
            return Outcome.SAME
        said = "It says something else here by now. An import changes no project: do it on its page"
        each.problems.append(Problem(", ".join(other), said))
        return Outcome.DIFFERS

    def _by_reference(self, references: Sequence[str]) -> dict[str, dict[str, str]]:
        """Reference to the words of the project as an export gives them; only for our own."""
        wanted = {each for each in references if each}
        if not wanted or not self.columns.ours:
            return {}
        projects = Project.objects.filter(slug__in=wanted)
        export = Export(projects, today=self.today, whole=True)
        pks = {slug: str(pk) for slug, pk in projects.values_list("slug", "pk")}
        found = {}
        for cells in export.rows():
            words = dict(zip(export.headings, cells, strict=True))
            found[words["Reference"]] = words | {"pk": pks[words["Reference"]]}
        return found
