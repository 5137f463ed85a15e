"""HTML that people wrote, reduced to what a letter needs."""

import nh3

TAGS = frozenset(
    {"p", "br", "strong", "em", "ul", "ol", "li", "h2", "h3", "a"}
    | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES = {"a": {"href"}, "th": {"scope", "colspan", "rowspan"}, "td": {"colspan", "rowspan"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
LONGEST = 100_000


class TooLong(ValueError):
    """The text is longer than a message may be."""


def clean(html: str) -> str:
    """Return `html` with only the allowed tags, attributes and absolute links. Raises TooLong."""
    if len(html) > LONGEST:
        raise TooLong(f"A message can have {LONGEST:,} characters at most, and this one has {len(html):,}.")
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "title", "iframe", "noscript", "template"},
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_keep_attribute,
        url_schemes=SCHEMES,
        link_rel=None,
        strip_comments=True,
    ).strip()


def is_kept_link(link: str) -> bool:
    """Whether a link is absolute and of a kind that messages may have."""
    scheme, colon, _ = link.partition(":")
    return bool(colon) and scheme.strip().lower() in SCHEMES


def _keep_attribute(_tag: str, attribute: str, value: str) -> str | None:
    """Drop relative links: a letter and an e-mail have no page to be relative to. Keep numbers that are numbers."""
    if attribute == "href":
        return value if is_kept_link(value) else None
    if attribute == "scope":
        return value if value in {"col", "row"} else None
    return value if value.isascii() and value.isdigit() and 0 < int(value) <= 100 else None
