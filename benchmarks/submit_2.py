"""``submit`` with two records processes on one port, as ``records.processes: 2`` in site.yaml."""

from benchmarks import submit
from benchmarks.result import Result

NAME = "submit_2"
SETTINGS = "records: {processes: 2}\n"


def run() -> Result:
    """Measure it."""
    return submit.compare(SETTINGS)
