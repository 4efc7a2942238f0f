"""What each app adds to pages and jobs that span them all; never imports an app.

Apps call these in ``AppConfig.ready``. The floor asks the lists without knowing who filled them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coprod.letters import Words
    from coprod.models import Forum, Message


@dataclass(frozen=True)
class Letter:
    """The words of one message: subject, text and HTML; ``words`` are for paper and phone.

    ``enclosed`` is HTML for the pages that go with a posted letter, such as the minutes that
    it is about: whoever gets it by post can't press its button.
    """

    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    words: "Words | None" = None
    enclosed: str = ""


@dataclass(frozen=True, order=True)
class NavLink:
    """One entry of the navigation. ``audiences`` says for whom: public, signed out (on top of
    public), person, coordinator; on top of these officer, seated (who isn't a coordinator) and
    money (who decides or pays).
    """

    order: int
    label: str
    url_name: str
    audiences: frozenset[str] = frozenset({"public", "person", "coordinator"})


@dataclass(frozen=True, order=True)
class MenuLink:
    """One entry of the menu’s part for those who run the forum, shown by its permission."""

    order: int
    label: str
    url_name: str
    permission: str


@dataclass(frozen=True)
class Thing:
    """One thing to do, as Today shows it: verb and thing, by when, how many minutes it takes."""

    title: str
    url: str
    button: str
    by: Any  # date, the day by which it is due
    note: str = ""
    minutes: int = 1
    clock: Any = None  # a coprod.clocks.Clock when a promise is running
    dated: bool = True  # False: it matters on no day, such as where to begin
    other: tuple[str, str] | None = None  # label and address of what else can be done


@dataclass(frozen=True)
class Waiting:
    """Something that somebody else does next: what, who, and by when."""

    title: str
    who: str
    due: Any  # date
    url: str = ""
    counts: bool = True  # False: nothing was promised, so only the date is shown


@dataclass(frozen=True)
class Coming:
    """A day with what happens on it."""

    date: Any
    title: str
    url: str = ""
    text: str = ""


@dataclass(frozen=True)
class Desk:
    """One app's part of somebody's Today: to do, waiting on others, coming up."""

    things: Iterable[Thing] = ()
    waiting: Iterable[Waiting] = ()
    coming: Iterable[Coming] = ()


@dataclass(frozen=True)
class Request:
    """One thing that is asked of an officer, as Requests lists it under its section."""

    section: str
    title: str
    url: str
    text: str = ""
    button: str = "Open"
    by: Any = None  # date, where something is due


@dataclass(frozen=True)
class PromiseResult:
    """One promise kept, late or explained: due, kept on, and the new date with its reason."""

    label: str
    url: str
    due: Any
    kept_on: Any
    state: str  # kept, late, explained, running
    until: Any = None  # date, the new one that was given with a reason
    reason: str = ""
    told_on: Any = None  # date on which the reason was given
    told_late: int = 0  # how many days after it was due; 0 in time


@dataclass(frozen=True)
class Promise:
    """One promise with its latest results, newest first."""

    label: str
    results: list[PromiseResult]

    @property
    def states(self) -> list[str]:
        """For the marks of the promise, oldest first."""
        return [result.state for result in reversed(self.results)]

    @property
    def words(self) -> str:
        """``7 of 8 kept, 1 late``: counted, so that nobody has to believe a percentage."""
        states = self.states
        words = f"{states.count('kept')} of {len(states)} kept"
        for state in ("late", "explained"):
            if count := states.count(state):
                words += f", {count} {state}"
        return words


@dataclass(frozen=True)
class PersonalData:
    """What one table holds about a person, for the export of everything about them.

    ``covers`` names the relations to a person that the rows answer for.
    """

    heading: str
    covers: frozenset[str]
    rows: Callable[[Any], list[dict[str, Any]]]


#: Addresses whose public answer may be stored (see ``coprod/pages.py``).
stored_addresses: list[re.Pattern[str]] = []
letters: dict[str, Callable[["Message"], Letter]] = {}
#: Letters about an e-mail address, which no other channel can carry; and those of them that
#: go to the address as it was, whatever it is now.
by_mail_only: set[str] = set()
keep_address: set[str] = set()
#: By letter, who may not print it: such as a code that must go past somebody. Asked with waiting
#: messages of that letter; answers the people by message.
not_by: dict[str, Callable[[Iterable["Message"]], dict[int, set[int]]]] = {}
#: What whoever rings can write down at once: by letter, links to the pages for it.
spoken: dict[str, Callable[["Message"], list[dict[str, str]]]] = {}
nav_links: list[NavLink] = []
footer_links: list[NavLink] = []
menu_links: list[MenuLink] = []
#: Each asks a fixed number of questions about a person, on a day, in the forum.
today: list[Callable[[Any, Any, "Forum"], Desk]] = []
#: Each lists what is open for an officer on a day; sections stand in the order of this list.
requests: list[Callable[[Any, Any], Iterable[Request]]] = []
promises: list[Callable[["Forum"], Iterable[Promise]]] = []
home_sections: list[Callable[[], dict[str, Any]]] = []
personal_data: list[PersonalData] = []
#: Each lists (label, path) of what “About us” leads to, as long as everybody may read it.
about_links: list[Callable[[], Iterable[tuple[str, str]]]] = []
#: Each lists (path, day of the last change or None) of pages that everybody may read.
public_addresses: list[Callable[[], Iterable[tuple[str, Any]]]] = []


def letter(
    template: str, *, mail_only: bool = False, keeps_address: bool = False
) -> Callable[[Callable[["Message"], Letter]], Any]:
    """Register the function that writes ``template``'s words when a message is delivered.

    ``mail_only``: it is about an e-mail address, so it can't be posted or told. ``keeps_address``:
    sent again, it goes to the same address although the person's is another by now.
    """
    if mail_only or keeps_address:
        by_mail_only.add(template)
    if keeps_address:
        keep_address.add(template)

    def register(function: Callable[["Message"], Letter]) -> Callable[["Message"], Letter]:
        letters[template] = function
        return function

    return register
