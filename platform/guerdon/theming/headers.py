"""Response headers that fence the member site in the browser."""

# `style-src-attr` stays closed as well: sizes and progress are set by classes and elements.
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
)


def content_security_policy(form_targets: tuple[str, ...] = ()) -> str:
    """The site's policy; `form_targets` are origins that a form may lead to by redirect
    (the payment provider's hosted page, an identity provider)."""
    return "; ".join((*_POLICY, " ".join(("form-action 'self'", *form_targets))))


SECURITY_HEADERS: dict[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}

# What a picture or logo uploaded by a brand is served with: no script of it can ever run.
UPLOAD_HEADERS: dict[str, str] = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
