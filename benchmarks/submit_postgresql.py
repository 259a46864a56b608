"""``submit`` with our database on PostgreSQL, which flushes what it commits as in production.

ngshare stays on SQLite: it knows nothing else.
"""

from benchmarks import submit
from benchmarks.result import Result
from tests.support import postgres

NAME = "submit_postgresql"


def run() -> Result:
    """Measure it."""
    with postgres.server(durable=True) as url:
        return submit.compare(database_url=url)
