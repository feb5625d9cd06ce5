"""Whom TLS trusts: the operating system's certificate authorities, and those that the environment names."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import sys
from functools import cache
from typing import cast

BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Where people name the authority of a company's proxy, for other tools too. What can't be read is passed
over: the system's authorities may do."""
_WELL_KNOWN = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where distributions keep theirs, for a Python whose OpenSSL was built for another one."""
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]")
_STRANGERS = frozenset((18, 19, 20, 21))
"""OpenSSL's codes for a chain that ends at nobody known."""


@cache
def tls_context() -> ssl.SSLContext:
    """Made once: reading some 150 authorities takes 20 to 40 ms, in which no stamp can be taken."""
    bundles = {os.environ.get(name, "") for name in BUNDLES} - {""}
    if sys.platform in ("win32", "darwin"):
        import truststore

        context = cast(ssl.SSLContext, truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bundles.discard(_load_the_systems(context))
    for bundle in bundles:
        place = "capath" if os.path.isdir(bundle) else "cafile"
        with contextlib.suppress(OSError):  # ssl.SSLError is one
            context.load_verify_locations(**{place: bundle})
    context.set_alpn_protocols(["http/1.1"])
    return context


def refusal(error: ssl.SSLError) -> str:
    """Why there is no TLS with this host, with the way out where a proxy's own certificate may be why."""
    reason = getattr(error, "verify_message", "") or error.reason or str(error)
    if getattr(error, "verify_code", 0) in _STRANGERS:
        reason += "; if a proxy of your network signs for it, name the proxy's certificate in SSL_CERT_FILE"
    return reason


def _load_the_systems(context: ssl.SSLContext) -> str:
    """The file that was read, or nothing."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(map(_HASHED.fullmatch, os.listdir(paths.capath)))):
        context.set_default_verify_paths()
        return paths.cafile or ""
    known = next(filter(os.path.isfile, _WELL_KNOWN), "")
    if known:
        context.load_verify_locations(known)
    return known
