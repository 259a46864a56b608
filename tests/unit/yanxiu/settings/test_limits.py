"""What a run is allowed, as the worker hands it on to the launcher."""

import pytest
from yanxiu.sandbox.limits import limits_from
from yanxiu.settings.limits import RUN
from yanxiu.settings.model import GradingLimits


@pytest.mark.parametrize(
    ("wall_s", "cpus", "cpu_s"),
    [
        (180, 1.0, 180),
        (600, 1.0, 600),  # more time is more processor time too
        (180, 2.0, 360),
        (180, 0.5, 180),  # a slow run is not a short one
    ],
)
def test_the_processor_time_of_a_run_follows_from_its_time(wall_s, cpus, cpu_s):
    given = GradingLimits(wall_s=wall_s, cpus=cpus).of_a_run()
    assert given.pop("cell_timeout_s") == 60  # the worker's own: a cell's, not the sandbox's
    assert limits_from(given, RUN).cpu_s == cpu_s
