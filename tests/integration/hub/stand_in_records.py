"""The records service with a secret corner that answers to whoever reaches it.

The real one, because the gate in front of the servers is its; the corner shows that the proxy
leads nobody to ``/internal``.
"""

import sys

import uvicorn
from starlette.responses import PlainTextResponse
from yanxiu.portal.app import create_app

records = create_app()


async def app(scope, receive, send) -> None:
    path = scope.get("path", "")
    if scope["type"] == "http" and "internal" in path and not path.startswith("/.yanxiu/"):
        await PlainTextResponse("the secret corner")(scope, receive, send)
    else:
        await records(scope, receive, send)


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
