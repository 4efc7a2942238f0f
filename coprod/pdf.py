"""From a template and its context to the bytes of a tagged PDF; never queries.

WeasyPrint may open bundled static files and pictures that stand in the text itself, nothing
else: no network, no file of the machine, whatever people typed.
"""

from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.template.loader import render_to_string

#: What relative addresses in a PDF's template and style sheet stand on. Nobody can own it.
ASSETS = "https://assets.invalid/"


class Refused(ValueError):
    """A PDF named something that it may not open. WeasyPrint goes on without it."""


def asset(address: str) -> Path:
    """The bundled file that an address means. Raises Refused for everything else."""
    if not address.startswith(ASSETS):
        raise Refused(f"Not a bundled file: {address[:80]}")
    wanted = unquote(urlsplit(address).path).lstrip("/")
    for folder in settings.STATICFILES_DIRS:
        path = (Path(folder) / wanted).resolve()
        if path.is_relative_to(Path(folder).resolve()) and path.is_file():
            return path
    raise Refused(f"No such bundled file: {wanted[:80]}")


@lru_cache(maxsize=1)
def fetcher() -> Any:
    """WeasyPrint's own fetcher, kept to ``data:`` and to bundled files. Made when first needed."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class BundledOnly(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            path = asset(url)
            kind = guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return BundledOnly(allowed_protocols={"data"}, allow_redirects=False)


def render(template: str, context: dict[str, Any]) -> bytes:
    """The template as a PDF/UA-1 file: the same bytes for the same words.

    Addresses in the template are relative to the static folder. WeasyPrint loads slowly, so
    it is imported when the first PDF is made.
    """
    from weasyprint import HTML

    html = render_to_string(template, context)
    document = HTML(string=html, base_url=ASSETS, url_fetcher=fetcher())
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return made
