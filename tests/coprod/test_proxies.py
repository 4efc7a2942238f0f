"""Forwarded headers count only where a proxy of ours writes them."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

ASK = """
import json, django
from django.conf import settings
django.setup()
from django.test import Client
settings.ALLOWED_HOSTS.append("testserver")
page = Client().get("/robots.txt", headers={"x-forwarded-proto": "https"})
plain = Client().get("/robots.txt")
health = Client().get("/healthz")
secure = "strict-transport-security" in page.headers
print(json.dumps([page.status_code, secure, plain.status_code, health.status_code != 301]))
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A folder with an empty portal's database."""
    folder = tmp_path_factory.mktemp("proxies")
    migrate = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"]
    subprocess.run(migrate, env=_environment(folder), cwd=settings.BASE_DIR, check=True)
    return folder


def _environment(folder):
    return os.environ | {
        "COPROD_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "coprod.settings",
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }


@pytest.mark.parametrize(
    ("proxies", "answers"),
    # With a proxy, what it says came by https is served and the rest sent there. Without one,
    # the header makes no difference.
    [("1", [200, True, 301, True]), ("0", [200, False, 200, True])],
)
def test_https_when_said_by_a_header_then_believed_only_behind_a_proxy(proxies, answers, migrated):
    env = _environment(migrated) | {
        "COPROD_ORIGIN": "https://forum.example",
        "COPROD_PROXIES": proxies,
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == answers, done.stderr[-2000:]


def test_address_when_forged_then_limits_still_count(settings, client, forum):
    settings.ACCOUNT_RATE_LIMITS = {"link_again": "2/h/ip"}
    pages = [
        client.post("/links/new/", headers={"x-forwarded-for": f"198.51.100.{n}"}) for n in range(3)
    ]
    assert [page.status_code for page in pages] == [200, 200, 429]
