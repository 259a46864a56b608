"""Why there are two runs: hidden tests in the learner's own kernel are neither hidden nor tests."""

import json

from tests.integration.grading import course

#: A short input transformer: shows each later cell that asserts something, and drops it.
PEEK = """
def peek(lines):
    text = "".join(lines)
    return [f"print('SE' 'EN', {text!r})"] if "assert" in text else lines

get_ipython().input_transformers_cleanup.append(peek)
"""
HIDDEN_TEST = f"assert quiz_total == 8, '{course.HIDDEN}'"


def test_in_the_learners_kernel_a_hidden_test_is_read_and_turned_off(platform):
    """nbgrader's way: the hidden assert is a cell of the notebook that is executed."""
    with platform.launcher.job() as job:
        (job.inbox / "work").mkdir()
        (job.inbox / "work" / "t1.ipynb").write_bytes(course.notebook(PEEK, HIDDEN_TEST))
        (job.inbox / "job.json").write_text('{"notebook": "t1.ipynb"}')
        assert job.run("execute").outcome == "ok"
        executed = (job.outbox / "executed.ipynb").read_text()
        result = json.loads((job.outbox / "result.json").read_text())
    assert "SEEN" in executed and executed.count(course.HIDDEN) == 2, "source, and its print"
    assert not result["failed_cells"], "an assert that must fail was passed"


def test_in_two_runs_the_same_code_sees_nothing_and_scores_nothing(platform):
    found = platform.grade(platform.submit_notebook(PEEK, "print('executed', In)"))
    assert b"executed [" in found.executed
    assert b"SEEN" not in found.executed
    assert course.HIDDEN.encode() not in found.executed
    assert found.points == {"missing": 0, "best": 0}
