"""The portal's shared floor and wiring."""

from coprod.celery import app as celery_app

__all__ = ["celery_app"]
