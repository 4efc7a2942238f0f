"""System checks: what a machine must have before the portal can do its work."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register


@register()
def pdf_libraries(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """WeasyPrint needs system libraries; say which, instead of failing at the first PDF."""
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return [
            Warning(
                "PDFs cannot be made: a system library is missing.",
                hint="Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
                "libharfbuzz-subset0 fonts-dejavu-core. macOS: brew install pango.",
                id="coprod.W001",
            )
        ]
    return []
