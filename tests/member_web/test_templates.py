"""Every page of every theme renders in every language from plain data."""

import re

import pytest
from tests.member_web import samples

from guerdon.member_web.rendering import Pages

CASES = [
    (brand, language)
    for brand, (programme, _) in samples.BRANDS.items()
    for language in programme.languages
]


@pytest.fixture(scope="module")
def pages() -> Pages:
    """One renderer for all cases."""
    return samples.pages()


@pytest.mark.parametrize(("brand", "language"), CASES)
def test_every_page_renders_whole(pages: Pages, brand: str, language: str) -> None:
    for name, html in samples.every_page(pages, brand, language).items():
        assert html.count("<main") == 1, name
        assert html.count("<h1") == 1, name
        assert f'<html lang="{language}"' in html
        # The policy allows no inline script, handler or style.
        assert not re.search(r"<script(?![^>]*\ssrc=)|\son[a-z]+=|\sstyle=", html), name
        for form in re.findall(r'<form[^>]*method="post".*?</form>', html, re.S):
            assert 'name="csrf_token" value="token"' in form, name
        for opening in re.findall(r'<input[^>]* id="([^"]+)"', html):
            assert html.count(f'id="{opening}"') == 1, (name, opening)


def test_a_members_text_is_never_markup(pages: Pages) -> None:
    who = samples.reader(pages, "aurora", "en")
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    html = pages.render(
        who, "pages/home.html", "home", samples.shop_home(pages, who, first_name=hostile)
    )
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in html
