"""System checks: what a machine must have before the portal can do its work."""

from typing import Any

from django.conf import settings
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


@register()
def proxy_said(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Behind a proxy that isn't declared, nobody is sent on to https and all share one limit."""
    if settings.HTTPS and not settings.PROXIES:
        return [
            Warning(
                "COPROD_ORIGIN is https, but COPROD_PROXIES doesn’t say how many proxies end TLS.",
                hint="Usually 1: a proxy that sets X-Forwarded-Proto and X-Forwarded-For itself.",
                id="coprod.W002",
            )
        ]
    return []
