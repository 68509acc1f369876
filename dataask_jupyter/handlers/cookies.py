"""The two cookies of a signed-in browser. No script can read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dataask_jupyter.services.sign_in import Signed

ACCESS: Final = "dataask-access"
REFRESH: Final = "dataask-refresh"


def put(handler: Any, signed: Signed, *, seconds: int) -> None:
    """Sign the browser in; `seconds` is how long it stays so without being used."""
    secure = _secure(handler)
    handler.set_cookie(
        ACCESS,
        signed.access_token,
        path=handler.base_url,
        max_age=signed.expires_in,
        httponly=True,
        samesite="Lax",
        secure=secure,
    )
    handler.set_cookie(
        REFRESH,
        signed.refresh_token,
        path=_refresh_path(handler),
        max_age=seconds,
        httponly=True,
        samesite="Strict",
        secure=secure,
    )


def clear(handler: Any) -> None:
    """Sign the browser out."""
    secure = _secure(handler)
    handler.clear_cookie(ACCESS, path=handler.base_url, httponly=True, samesite="Lax", secure=secure)
    handler.clear_cookie(REFRESH, path=_refresh_path(handler), httponly=True, samesite="Strict", secure=secure)


def _refresh_path(handler: Any) -> str:
    return f"{handler.base_url}dataask/api/v1/auth"


def _secure(handler: Any) -> bool:
    return bool(handler.request.protocol == "https" or handler.extensionapp.public_url.startswith("https://"))
