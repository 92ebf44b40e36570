"""What stands above every page of a preview."""

from guerdon.member_web.views.frame import LanguageChoice, PreviewBanner
from guerdon.simulation.preview import GUEST, MEMBER, Choice, Shown, audiences
from guerdon.theming.looks import Look
from guerdon.theming.translations import LANGUAGES, Translator
from guerdon.tiers.parameters import TierParameters


def banner(shown: Shown, look: Look, language: str, path: str, words: Translator) -> PreviewBanner:
    """The banner of one page: choices lead back to `path`."""
    _ = words.text
    named = {t.key: look.words(t.name, language) for t in shown.snapshot[TierParameters].tiers}
    titles = {GUEST: _("Guest"), MEMBER: _("Member")}
    return PreviewBanner(
        title=shown.title,
        audiences=tuple(
            LanguageChoice(
                key,
                titles.get(key) or named.get(key) or key,
                key == shown.audience,
                Choice(shown.token, key, language).url(path),
            )
            for key in audiences(shown.snapshot)
        ),
        languages=tuple(
            LanguageChoice(
                code,
                LANGUAGES[code],
                code == language,
                Choice(shown.token, shown.audience, code).url(path),
            )
            for code in look.programme.languages
        ),
        exit_url="/preview/exit",
    )
