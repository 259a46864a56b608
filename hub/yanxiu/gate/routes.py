"""What the proxy and the gate call each other: addresses, and the rule that asks. Pure.

Read by ``up.origins`` (the fixed rules), ``proxy`` (each server's route) and ``door`` (the answers).
"""

from typing import Any

#: Everything here is answered by ``door``; no other address of records begins so.
PREFIX = "/.yanxiu/"
#: The proxy asks here whether a request may pass, with the owner's id behind it. No browser
#: is led here.
CHECK = f"{PREFIX}check/"
#: An ingress asks here, whose rule is one for everybody: whose server it is stands in the address
#: that it forwards.
CHECK_FORWARDED = f"{PREFIX}check-forwarded"
#: A browser comes here on the servers' host, with a code from the portal.
ENTER = f"{PREFIX}enter"
#: Prefixes that the proxy puts before the address of what nobody else answers.
NO_SERVER = f"{PREFIX}no-server"
NOTHING = f"{PREFIX}nothing"
FOREIGN = f"{PREFIX}foreign"
UNKNOWN_HOST = f"{PREFIX}unknown-host"
#: The proxy asks for the page about an answer that it had to give itself, with the part that it
#: is about (``HUB``, ``SERVER``) and the status behind it.
ERROR = f"{PREFIX}error/"
HUB, SERVER = "hub", "server"

#: The middleware that takes from a server's answer what it may not say for the whole host.
SERVER_HEADERS = "server-headers@file"
#: The middleware that counts the requests of a source, and those that put a page in place of the
#: proxy's own words when a part does not answer, or a body for the hub is too long.
REQUESTS = "requests@file"
HUB_AWAY, RECORDS_AWAY, SERVER_AWAY = "hub-away@file", "records-away@file", "server-away@file"
#: The same for too many requests of one source, where no part says so itself.
CROWDED = "crowded@file"

#: Bytes of a body for the hub: forms of a few fields, and small JSON. The proxy refuses more with
#: a page (``up.origins``), and the hub itself takes no more (``login.hub_bodies``).
MOST_FOR_HUB = 256 * 1024


def check_for(records_url: str, person_id: str) -> dict[str, Any]:
    """Return the middleware of the server of ``person_id``; of nobody's when that is empty."""
    return {
        "forwardAuth": {
            "address": f"{records_url}{CHECK}{person_id}",
            "trustForwardHeader": False,
            # A refusal is a short page.
            "maxResponseBodySize": 65_536,
            "authRequestHeaders": [
                *("Cookie", "Accept", "Accept-Language", "Origin"),
                # Not Upgrade: traefik never hands that on, here neither.
                *("Sec-WebSocket-Key", "Sec-Fetch-Mode", "Sec-Fetch-Dest"),
            ],
            # The gate gives the cookies back without its own.
            "authResponseHeaders": ["Cookie"],
        }
    }
