"""What /healthz says to whoever automates the portal."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from coprod import health, outbox
from coprod.models import Message


@pytest.fixture
def worker(settings, tmp_path, monkeypatch):
    """``worker(seconds)``: it last said so many seconds ago that it lives; the web is older."""
    monkeypatch.setattr(health, "STARTED", time.monotonic() - 3600)
    settings.DATA_DIR = tmp_path
    settings.REDIS_URL = ""

    def said(seconds_ago):
        stamp = timezone.now() - timedelta(seconds=seconds_ago)
        (tmp_path / "worker-alive").write_text(str(stamp.timestamp()))

    return said


def test_health_when_all_is_well_then_200_and_never_cached(db, worker, client):
    worker(10)
    found = client.get("/healthz")
    assert found.status_code == 200
    assert found.json()["ok"] is True
    assert found.json()["worker"] == "ok"
    assert "no-store" in found["Cache-Control"]


def test_health_when_worker_is_silent_then_503(db, worker, client):
    worker(600)
    found = client.get("/healthz")
    assert found.status_code == 503
    assert found.json()["worker"] == "silent"


def test_health_when_worker_never_spoke_then_given_three_minutes(db, worker, client, monkeypatch):
    assert client.get("/healthz").json()["worker"] == "silent"
    monkeypatch.setattr(health, "STARTED", time.monotonic())
    assert client.get("/healthz").json()["worker"] == "unknown"
    health.mark_alive()
    assert client.get("/healthz").json()["worker"] == "ok"


def test_health_when_messages_are_stuck_or_failed_then_counted(worker, rep, client):
    worker(10)
    long_ago = timezone.now() - timedelta(hours=20)
    outbox.queue(key="a", template="members/welcome", person=rep, at=long_ago, urgent=True)
    outbox.queue(key="b", template="members/welcome", person=rep)
    Message.objects.filter(key="b").update(state=Message.State.FAILED)
    found = client.get("/healthz")
    assert found.status_code == 503
    assert found.json()["outbox"] == {"stuck": 1, "failed": 1}
