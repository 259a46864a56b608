"""Which of nbgrader's settings decide what a learner gets, each in exactly one class.

*Understood*: applied as nbgrader applies it. *Irrelevant*: it decides something else, and the
reason stands beside it. *Refused*: it changes what learners get in a way that is not followed
here, so that only the value which changes nothing is taken. A name in none of them is unknown,
and refused as well. ``test_known`` holds the tables against the installed nbgrader: a trait
that an upgrade brings fails there until somebody has classified it. Pure; called by ``config``.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

Check = Callable[[Any], bool]


class _Never:
    """Equal to nothing: there is no value that would change nothing."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False


NEVER: Final = _Never()


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _words(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and _word(one) for key, one in value.items()
    )


def _seconds(value: Any) -> bool:
    return value is None or _whole(value)


def _stubs(value: Any) -> bool:
    """A text is what old courses have; nbgrader takes it as the one for Python."""
    if isinstance(value, str):
        return True
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(one, str) for key, one in value.items()
    )


UNDERSTOOD: Mapping[str, Check] = {
    "CourseDirectory.course_id": _text,
    "CourseDirectory.source_directory": _text,
    "CourseDirectory.ignore": _texts,
    "CourseDirectory.include": _texts,
    "CourseDirectory.max_file_size": _whole,
    "CourseDirectory.max_dir_size": _whole,
    "IncludeHeaderFooter.header": _text,
    "IncludeHeaderFooter.footer": _text,
    "InstantiateTests.autotest_filename": _text,
    "InstantiateTests.autotest_delimiter": _word,
    "InstantiateTests.hashed_delimiter": _word,
    "InstantiateTests.use_salt": _flag,
    "InstantiateTests.enforce_metadata": _flag,
    "InstantiateTests.comment_strs": _words,
    "LockCells.lock_all_cells": _flag,
    "LockCells.lock_grade_cells": _flag,
    "LockCells.lock_readonly_cells": _flag,
    "LockCells.lock_solution_cells": _flag,
    "ClearSolutions.code_stub": _stubs,
    "ClearSolutions.text_stub": _text,
    "ClearSolutions.begin_solution_delimeter": _text,
    "ClearSolutions.end_solution_delimeter": _text,
    "ClearSolutions.enforce_metadata": _flag,
    "ClearHiddenTests.begin_test_delimeter": _text,
    "ClearHiddenTests.end_test_delimeter": _text,
    "ClearHiddenTests.enforce_metadata": _flag,
    "ClearMarkScheme.begin_mark_scheme_delimeter": _text,
    "ClearMarkScheme.end_mark_scheme_delimeter": _text,
    "ClearMarkScheme.check_attachment_leakage": _flag,
    "ClearMarkScheme.enforce_metadata": _flag,
    # How long a cell may run when it is graded: of the three the nearest to nbgrader's own wins.
    **{f"{one}.timeout": _seconds for one in ("Execute", "ExecutePreprocessor", "NotebookClient")},
}

_EXCHANGES = ("nbgrader.exchange.", "nbgrader.exchange.default.", "nbgrader_yanxiu.exchange.")
#: By name, the values that change nothing.
REFUSED: Mapping[str, tuple[Any, ...]] = {
    # Another file of settings, which is not the one that was read.
    "*.config_file": ("",),
    "*.config_file_name": ("nbgrader_config",),
    # Which folders and notebooks are an assignment.
    "CourseDirectory.directory_structure": ("{nbgrader_step}/{student_id}/{assignment_id}",),
    "CourseDirectory.notebook_id": ("*",),
    # Which steps make the learners' version: without one of them teachers' cells go out.
    "GenerateAssignment.preprocessors": (NEVER,),
    "Assign.*": (NEVER,),
    "AssignApp.*": (NEVER,),
    "IncludeHeaderFooter.enabled": (True,),
    "InstantiateTests.enabled": (True,),
    "LockCells.enabled": (True,),
    "ClearSolutions.enabled": (True,),
    "ClearOutput.enabled": (True,),
    "CheckCellMetadata.enabled": (True,),
    "ComputeChecksums.enabled": (True,),
    "ClearHiddenTests.enabled": (True,),
    "ClearMarkScheme.enabled": (True,),
    "NbGraderPreprocessor.enabled": (True,),
    "Preprocessor.enabled": (True,),
    "ClearOutputPreprocessor.enabled": (True,),
    "ClearOutput.remove_metadata_fields": (NEVER,),
    "ClearOutputPreprocessor.remove_metadata_fields": (NEVER,),
    # A program of the course's own, for what its kernels print.
    "InstantiateTests.sanitizers": (NEVER,),
    # Programs that may write anything into the learners' folder.
    **{
        f"{one}.{option}": values
        for one in ("BaseConverter", "GenerateAssignment")
        for option, values in (
            ("exporter_class", ("nbconvert.exporters.NotebookExporter",)),
            ("pre_convert_hook", (None,)),
            ("post_convert_hook", (None,)),
        )
    },
    "Exporter.*": (NEVER,),
    "NotebookExporter.*": (NEVER,),
    "WriterBase.*": (NEVER,),
    "FilesWriter.*": (NEVER,),
    "ExchangeFactory.exchange": tuple(f"{one}Exchange" for one in _EXCHANGES),
    "ExchangeFactory.release_assignment": tuple(
        f"{one}ExchangeReleaseAssignment" for one in _EXCHANGES
    ),
}

_COMMAND = "how a command of nbgrader talks and what it does on its own machine"
_LATER = "a step of grading or feedback; nothing that learners are given to work on"
_TRAVEL = "how files travel; the platform takes its place"
_OTHER = "another program than nbgrader"
_PLACE = "where files lie on the machine the course comes from"
#: By name, why it does not decide what a learner gets.
IRRELEVANT: Mapping[str, str] = {
    **{
        f"CourseDirectory.{one}": _PLACE
        for one in (
            "autograded_directory",
            "db_url",
            "feedback_directory",
            "release_directory",
            "root",
            "solution_directory",
            "source_with_tests_directory",
            "submitted_directory",
        )
    },
    "CourseDirectory.assignment_id": "which assignment a command takes that is given none",
    "CourseDirectory.groupshared": "permissions of files on the teachers' machine",
    "CourseDirectory.student_id": "whose submissions a command takes",
    "CourseDirectory.student_id_exclude": "whose submissions a command leaves alone",
    "GenerateAssignment.create_assignment": "whether a gradebook gets a new row",
    "GenerateAssignment.no_database": "whether a gradebook is written",
    **{
        f"{owner}.{one}": "what happens to a folder that is there already, and its permissions"
        for owner in ("GenerateAssignment", "BaseConverter")
        for one in ("force", "permissions")
    },
    **{
        f"{one}.{option}": "which of a cell's outputs a web page shows"
        for one in ("NbConvertBase", "Preprocessor", "ClearOutputPreprocessor")
        for option in ("default_language", "display_data_priority")
    },
    **{
        f"ExchangeFactory.{one}": _TRAVEL
        for one in (
            "collect",
            "fetch_assignment",
            "fetch_feedback",
            "list",
            "release_feedback",
            "submit",
        )
    },
    **{
        f"{one}.*": _TRAVEL
        for one in (
            "Exchange",
            "ExchangeCollect",
            "ExchangeFetch",
            "ExchangeFetchAssignment",
            "ExchangeFetchFeedback",
            "ExchangeList",
            "ExchangeRelease",
            "ExchangeReleaseAssignment",
            "ExchangeReleaseFeedback",
            "ExchangeSubmit",
        )
    },
    **{
        f"{one}.*": _COMMAND
        for one in (
            "Application",
            "SingletonConfigurable",
            "LoggingConfigurable",
            "Configurable",
            "JupyterApp",
            "NbGrader",
            "NbGraderApp",
            "AutogradeApp",
            "CollectApp",
            "DbApp",
            "DbBaseApp",
            "ExportApp",
            "ExtensionApp",
            "FeedbackApp",
            "FormgradeApp",
            "FetchApp",
            "FetchAssignmentApp",
            "FetchFeedbackApp",
            "GenerateAssignmentApp",
            "GenerateConfigApp",
            "GenerateFeedbackApp",
            "GenerateSolutionApp",
            "ListApp",
            "QuickStartApp",
            "ReleaseApp",
            "ReleaseAssignmentApp",
            "ReleaseFeedbackApp",
            "SubmitApp",
            "UpdateApp",
            "ValidateApp",
            "ZipCollectApp",
            "Authenticator",
            "JupyterHubAuthPlugin",
            "NoAuthPlugin",
            "AssignmentList",
            "CourseListHandler",
            "FormgradeExtension",
            "Validator",
        )
    },
    **{
        f"{one}.*": _LATER
        for one in (
            "Autograde",
            "Feedback",
            "GenerateFeedback",
            "GenerateSolution",
            "GenerateSourceWithTests",
            "AssignLatePenalties",
            "DeduplicateIds",
            "Execute",
            "ExecutePreprocessor",
            "NotebookClient",
            "GetGrades",
            "IgnorePattern",
            "LimitOutput",
            "OverwriteCells",
            "OverwriteKernelspec",
            "SaveAutoGrades",
            "SaveCells",
            "BasePlugin",
            "CsvExportPlugin",
            "ExportPlugin",
            "ExtractorPlugin",
            "FileNameCollectorPlugin",
            "LateSubmissionPlugin",
            "HTMLExporter",
            "TemplateExporter",
        )
    },
    **{
        f"{one}.*": _OTHER
        for one in (
            "IPKernelApp",
            "InteractiveShell",
            "JupyterHub",
            "KernelManager",
            "LabApp",
            "MultiKernelManager",
            "NotebookApp",
            "ServerApp",
            "Spawner",
        )
    },
}


#: Settings of older versions, which today's nbgrader does not look at, and what they were for.
FORMER: Mapping[str, str] = {
    **{
        f"{owner}.{one}": "rows that an older nbgrader wrote into its gradebook at each command"
        for owner in ("CourseDirectory", "NbGrader")
        for one in ("db_assignments", "db_students")
    },
    "ClearSolutions.comment_mark": "nbgrader drops it: the delimiters say how a comment begins",
    **{
        f"{one}.*": "who may open the formgrader of nbgrader 0.4"
        for one in ("BaseAuth", "HubAuth", "NoAuth")
    },
}


def patterns(name: str) -> tuple[str, str, str]:
    """Return under which names a setting may stand in a table, the nearest first.

    >>> patterns("Exchange.root")
    ('Exchange.root', '*.root', 'Exchange.*')
    """
    section, _, option = name.partition(".")
    return name, f"*.{option}", f"{section}.*"


def irrelevant(name: str) -> bool:
    """Say whether a setting decides nothing that a learner gets."""
    table = _table(name)
    return table is IRRELEVANT or table is FORMER


def harmless(name: str) -> tuple[Any, ...] | None:
    """Return the values of a refused setting that change nothing, None if it is not refused."""
    if _table(name) is not REFUSED:
        return None
    return next(REFUSED[one] for one in patterns(name) if one in REFUSED)


def _table(name: str) -> Mapping[str, Any] | None:
    option = name.partition(".")[2]
    # traitlets takes a name in capitals for a section within a section: c.NbGrader.ClearOutput.…
    if not option or option[0].isupper():
        return None
    tables: tuple[Mapping[str, Any], ...] = (UNDERSTOOD, FORMER, REFUSED, IRRELEVANT)
    return next((one for key in patterns(name) for one in tables if key in one), None)
