"""The ways of involving people, and what each counts as: the one place that says it."""

from django.db import models

TOLD, ASKED, TOGETHER = "told", "asked", "together"


class Method(models.TextChoices):
    """How it was done."""

    TOLD = "told", "We told them (letter, e-mail, page, leaflet)"
    PHONE = "phone", "A phone call"
    SURVEY = "survey", "A survey"
    EVENT = "event", "An open event or visit, to hear views"
    MEETING = "meeting", "A meeting"
    GROUP = "group", "A working group"
    DRAFTING = "drafting", "Writing or designing together"
    SPECIFICATION = "specification", "A specification or contract"
    PANEL = "panel", "An interview or tender panel"
    BOARD = "board", "A board or steering group"

    @property
    def short(self) -> str:
        """Its name where it heads an entry: without examples."""
        return {"told": "Parents were told", "event": "An open event or visit"}.get(
            self.value, str(self.label)
        )

    @property
    def came(self) -> str:
        """What is said of how many there were: ``Answered: 31 parents``."""
        said = {"told": "Told", "survey": "Answered", "phone": "Spoken with"}
        return said.get(self.value, "Took part")

    @property
    def counts_as(self) -> str:
        """Telling, asking from afar or, every other way, a session together."""
        if self == Method.TOLD:
            return TOLD
        return ASKED if self in ASKING else TOGETHER


#: Parents were asked from afar, so they are answered on a day.
ASKING = (Method.PHONE, Method.SURVEY, Method.EVENT)
