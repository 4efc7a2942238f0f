"""Stored and live public pages: the answers, whatever the page."""

import gzip

import pytest
from django.test import RequestFactory, override_settings

from coprod import pages
from coprod.models import StoredPage


@pytest.fixture
def ask(db):
    def make(path="/x/", **headers):
        return RequestFactory().get(path, **headers)

    return make


def _made(text=b"<p>Words</p>"):
    return lambda: text


def test_serve_when_first_then_made_once(ask):
    made = []

    def make():
        made.append(1)
        return b"words"

    for _ in range(3):
        assert pages.serve(ask(), make).content == b"words"
    assert len(made) == 1


def test_serve_when_etag_is_held_then_304_even_if_weak(ask):
    etag = pages.serve(ask(), _made())["ETag"]
    for held in (etag, f"W/{etag}"):
        again = pages.serve(ask(HTTP_IF_NONE_MATCH=held), _made())
        assert again.status_code == 304
        assert again["Cache-Control"] == "no-cache"
    assert pages.serve(ask(HTTP_IF_NONE_MATCH='"old"'), _made()).status_code == 200


def test_forget_when_prefix_matches_then_made_again(ask):
    pages.serve(ask("/a/b/"), _made(b"old"))
    pages.serve(ask("/c/"), _made(b"old"))
    pages.forget("/a/")
    assert pages.serve(ask("/a/b/"), _made(b"new")).content == b"new"
    assert pages.serve(ask("/c/"), _made(b"new")).content == b"old"


def test_serve_when_forgotten_while_made_then_answered_but_not_kept(ask):
    def make():
        pages.forget("/")
        return b"old"

    assert pages.serve(ask(), make).content == b"old"
    assert pages.serve(ask(), _made(b"new")).content == b"new"


def test_serve_when_release_is_new_then_made_again(ask):
    pages.serve(ask(), _made(b"old"))
    with override_settings(BUILD="another"):
        assert pages.serve(ask(), _made(b"new")).content == b"new"


@pytest.mark.parametrize("cookie", pages.PERSONAL_COOKIES)
def test_stored_when_reader_has_a_cookie_of_their_own_then_none(ask, cookie):
    pages.serve(ask(), _made())
    request = ask()
    request.COOKIES[cookie] = "x"
    assert pages.stored(request) is None
    assert pages.stored(ask()) is not None


def test_live_when_nothing_changed_then_304(ask):
    etag = pages.live(ask(), b"words")["ETag"]
    assert pages.live(ask(HTTP_IF_NONE_MATCH=etag), b"words").status_code == 304
    assert pages.live(ask(HTTP_IF_NONE_MATCH=etag), b"other").status_code == 200


def test_live_when_browser_takes_gzip_then_zipped(ask):
    answer = pages.live(ask(HTTP_ACCEPT_ENCODING="gzip"), b"words" * 50)
    assert gzip.decompress(answer.content) == b"words" * 50
    assert "Accept-Encoding" in answer["Vary"]


def test_counter_when_pages_are_forgotten_then_is_no_page(ask, client):
    pages.forget("/")
    assert StoredPage.objects.get().address == pages.COUNTER
    before = pages.generation()
    pages.forget("/")
    assert pages.generation() != before
