"""Each test keeps files in a folder of its own."""

import pytest


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    stores = settings.STORAGES
    options = {**stores["default"]["OPTIONS"], "location": tmp_path / "files"}
    settings.STORAGES = {**stores, "default": {**stores["default"], "OPTIONS": options}}
