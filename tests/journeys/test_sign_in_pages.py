"""The pages before signing in, in our look, with errors that lead to their fields."""

import pytest

pytestmark = pytest.mark.django_db

CODE, PASSWORD, RESET = "/accounts/login/code/", "/accounts/login/", "/accounts/password/reset/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", [CODE, PASSWORD, RESET])
def test_sign_in_pages_pass_axe_on_a_phone(open_page, axe, fits, shot, forum, place, scheme):
    page = open_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    assert page.goto(place).ok
    axe(page)
    fits(page)
    shot(page, f"sign-in-{place.strip('/').replace('/', '-')}-{scheme}")


@pytest.mark.parametrize("place", [CODE, PASSWORD, RESET])
def test_an_empty_form_says_which_field_is_missing(page_no_script, axe, forum, place):
    page_no_script.goto(place)
    page_no_script.locator("main form button").first.click()
    assert page_no_script.title().startswith("Error: ")
    links = page_no_script.locator("#errors a")
    assert links.count() >= 1
    for link in links.all():
        assert page_no_script.locator(link.get_attribute("href")).count() == 1
        assert "This field" not in link.inner_text()
