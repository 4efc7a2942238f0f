"""Redis away: pages work, tries are still counted, nothing waits for long."""

import socket

import pytest
from django.core.cache import caches
from django.urls import reverse

from coprod.cache import RedisOrOwnMemory
from coprod.models import Message


@pytest.fixture
def nowhere():
    """The address of a Redis that isn't there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def cache_away(settings, nowhere):
    settings.CACHES = {"default": {"BACKEND": "coprod.cache.RedisOrOwnMemory", "LOCATION": nowhere}}
    caches["default"].clear()
    yield caches["default"]
    caches["default"].clear()


def test_cache_when_redis_is_away_remembers_in_this_process(cache_away):
    assert isinstance(cache_away, RedisOrOwnMemory)
    assert cache_away.add("tries", 1, 60)
    assert not cache_away.add("tries", 1, 60)
    assert cache_away.incr("tries") == 2
    assert cache_away.get_many(["tries"]) == {"tries": 2}
    cache_away.delete("tries")
    assert cache_away.get("tries") is None


def test_code_when_redis_is_away_is_still_sent(cache_away, client, rep):
    response = client.post(reverse("account_request_login_code"), {"email": rep.email})
    assert response.status_code == 302
    assert Message.objects.filter(template="members/login_code", person=rep).exists()


def test_tries_when_redis_is_away_are_still_limited(cache_away, client, rep):
    for _ in range(11):
        client.post(reverse("account_request_login_code"), {"email": rep.email})
    assert Message.objects.filter(template="members/login_code", person=rep).count() <= 10
