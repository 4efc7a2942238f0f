"""What people do on pages, in one word each. Every step waits for the page that it leads to."""


def press(page, words, *, role="button", within=None, exact=False):
    """Press a button, and wait until the page that answers has come whole."""
    with page.expect_navigation():
        (within or page).get_by_role(role, name=words, exact=exact).first.click()


def follow(page, words, *, within=None, exact=False):
    """Follow a link in the same way."""
    press(page, words, role="link", within=within, exact=exact)


def words_of(page):
    """What a reader has before them, without the frame round it."""
    return page.locator("main").inner_text()


def errors_of(page):
    """What the summary of errors says. Its links must lead to a field that is there."""
    summary = page.locator("#errors")
    assert page.title().startswith("Error: "), f"no error in the title {page.title()!r}"
    for link in summary.locator("a").all():
        assert page.locator(link.get_attribute("href")).count() == 1
    return summary.inner_text()
