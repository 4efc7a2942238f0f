"""Documents about people: the letters that wait for the post. One function each; never writes."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from coprod import pdf
from coprod.models import Forum, Message
from coprod.registry import Letter


def letters_pdf(letters: Sequence[tuple[Message, Letter]]) -> bytes:
    """All letters in one file, each on pages of its own with its address block."""
    forum = Forum.current()
    context = {
        "forum": forum,
        "title": "Letters to post",
        "foot": ", ".join(filter(None, [forum.name, forum.phone])),
        "letters": [
            {
                "message": message,
                "words": letter.words,
                "subject": letter.subject,
                "enclosed": letter.enclosed,
            }
            for message, letter in letters
        ],
        "today": timezone.localdate(),
        "origin": settings.COPROD_ORIGIN,
    }
    return pdf.render("pdf/letter.html", context)
