"""From which network address a request comes (客户端地址).

Behind a proxy it is what the proxy says, if the proxy is one of `trusted_proxies`: anybody can send the header.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.types import Scope

_SITE_BITS: Final = 64
"""A household or an office has at least a /64 of IPv6 and may send each request from another address of it."""


def address_of(scope: Scope) -> str:
    """The address of whoever sent a request, or `unknown` behind a transport that has none."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def network_of(address: str) -> str:
    """What is counted as one sender: an IPv4 address, or the network of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Network((parsed, _SITE_BITS), strict=False))
    return str(parsed)


async def _address(request: Request) -> str:
    return address_of(request.scope)


AddressDep = Annotated[str, Depends(_address)]
