"""Tell what the statements of a configuration file in Python set, without running one.

A setting is understood if its value is written out where it is set. Everything else that
could set something (a variable, a condition, another file, a method) is told as *open*, with
the names it touches, so that the caller can refuse those that matter. A statement is called
inert if it cannot reach the configuration at all. Pure; called by ``config``.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final


class _Open:
    def __repr__(self) -> str:
        return "OPEN"


#: A value that is not written out.
OPEN: Final = _Open()


@dataclass(frozen=True)
class Given:
    """One setting that a statement sets.

    :param name: ``Class.option``; something else if it is no such name, empty if it cannot
        be told what is set
    :param value: the literal, or ``OPEN``
    :param line: from 1, 0 if unknown
    :param inert: whether an open value can at least not reach other settings
    """

    name: str
    value: Any
    line: int
    inert: bool = True


#: Names that lead to the configuration or to arbitrary code.
_REACHING = frozenset(
    [
        "get_config",
        "load_subconfig",
        "exec",
        "eval",
        "compile",
        "open",
        "globals",
        "locals",
        "vars",
        "setattr",
        "getattr",
        "delattr",
        "__import__",
        "input",
        "breakpoint",
        "__builtins__",
        "sys",
        "importlib",
        "builtins",
    ]
)
_CALLED = [
    "bool",
    "dict",
    "float",
    "int",
    "len",
    "list",
    "max",
    "min",
    "print",
    "range",
    "repr",
    "set",
    "sorted",
    "str",
    "tuple",
    "Path",
    "pathlib.Path",
    "datetime.datetime",
    "datetime.timedelta",
    "timedelta",
    "get_username",
    "getpass.getuser",
    "os.environ.get",
    "os.getcwd",
    "os.getenv",
    "os.path.abspath",
    "os.path.basename",
    "os.path.dirname",
    "os.path.exists",
    "os.path.expanduser",
    "os.path.expandvars",
    "os.path.join",
    "os.path.realpath",
    "socket.gethostname",
    "sys.path.append",
    "sys.path.insert",
]
_METHODS = frozenset(
    [
        "absolute",
        "as_posix",
        "endswith",
        "expanduser",
        "format",
        "get",
        "join",
        "joinpath",
        "lower",
        "replace",
        "resolve",
        "split",
        "startswith",
        "strip",
        "upper",
        "with_name",
    ]
)
_MODULES = sys.stdlib_module_names | frozenset(
    [
        "dateutil",
        "jupyter_core",
        "jupyterhub",
        "nbconvert",
        "nbgrader",
        "nbgrader_yanxiu",
        "pytz",
        "traitlets",
    ]
)
_PROTECTED = _REACHING | {one.split(".")[0] for one in _CALLED}
_VALUES = (
    ast.Constant | ast.Name | ast.Attribute | ast.Subscript | ast.Slice | ast.Starred
    | ast.List | ast.Tuple | ast.Set | ast.Dict | ast.JoinedStr | ast.FormattedValue
    | ast.BinOp | ast.BoolOp | ast.UnaryOp | ast.Compare | ast.IfExp
    | ast.operator | ast.unaryop | ast.cmpop | ast.boolop | ast.expr_context | ast.keyword
)  # fmt: skip


def read(source: bytes) -> list[Given]:
    """Return what a file sets, in its order.

    :raises ValueError: it is not Python
    """
    try:
        tree = ast.parse(source)
        return _Reader().block(tree.body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError("not Python") from error


class _Reader:
    def __init__(self) -> None:
        #: Names of the configuration itself: ``c``, and what ``get_config()`` was given to.
        self.roots = {"c"}

    def block(self, body: list[ast.stmt]) -> list[Given]:
        return [one for statement in body for one in self.statement(statement)]

    def statement(self, statement: ast.stmt) -> Iterator[Given]:
        match statement:
            case ast.Assign():
                yield from self._assign(statement)
            case ast.Import() | ast.ImportFrom() if _known_import(statement, self.roots):
                pass
            case ast.Pass():
                pass
            case ast.Expr(value=value) if self._inert(value):
                pass
            case ast.FunctionDef() | ast.ClassDef() if self._defines(statement):
                pass
            case ast.If() if self._inert(statement.test):
                yield from self._perhaps([*statement.body, *statement.orelse])
            case ast.Try():
                handled = [one for handler in statement.handlers for one in handler.body]
                body = [*statement.body, *handled, *statement.orelse, *statement.finalbody]
                yield from self._perhaps(body)
            case ast.AugAssign(target=ast.Name(id=name), value=value) if (
                name not in self.roots | _PROTECTED and self._inert(value)
            ):
                pass
            case ast.AugAssign(target=target, value=value):
                yield from self._touched(statement, [target], inert=self._inert(value))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=target), args=args) as call):
                # c.Class.option.append(…) and the like
                values = [*args, *(one.value for one in call.keywords)]
                inert = self._setting(target) is not None and all(map(self._inert, values))
                yield from self._touched(statement, [target], inert=inert)
            case _:
                yield from self._touched(statement, [statement], inert=False)

    def _assign(self, statement: ast.Assign) -> Iterator[Given]:
        value, targets = statement.value, statement.targets
        if _is_config(value) and all(isinstance(one, ast.Name) for one in targets):
            names = {one.id for one in targets if isinstance(one, ast.Name)}
            if not names & _PROTECTED:
                self.roots |= names
                return
        names = {one.id for one in targets if isinstance(one, ast.Name)}
        if len(names) == len(targets) and not names & (self.roots | _PROTECTED):
            if not self._inert(value):
                yield from self._touched(statement, [value], inert=False)
            return
        settings = [self._setting(one) for one in targets]
        if any(one is None for one in settings):
            yield from self._touched(statement, [statement], inert=False)
            return
        try:
            literal = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            literal = OPEN
        inert = literal is not OPEN or self._inert(value)
        for name in settings:
            yield Given(str(name), literal, statement.lineno, inert)

    def _perhaps(self, body: list[ast.stmt]) -> Iterator[Given]:
        """Tell what a block sets that may run or not: no value of it is certain."""
        for one in self.block(body):
            yield Given(one.name, OPEN, one.line, one.inert)

    def _touched(
        self, statement: ast.stmt, parts: Sequence[ast.AST], *, inert: bool
    ) -> Iterator[Given]:
        """Tell which settings a statement names that is not understood; if none, that it is."""
        inner = [node for part in parts for node in ast.walk(part)]
        paths = [name for node in inner if (name := self._setting(node))]
        # Of c.A.b.append every part is a path; the setting is the one of two names.
        found = dict.fromkeys(".".join(one.split(".")[:2]) for one in paths)
        names = [one for one in found if not any(two.startswith(f"{one}.") for two in found)]
        for name in names or [""]:
            yield Given(name, OPEN, statement.lineno, inert and bool(names))

    def _setting(self, node: ast.AST) -> str | None:
        """Return ``Class.option`` of ``c.Class.option`` or ``c["Class"]["option"]``."""
        parts: list[str] = []
        while True:
            match node:
                case ast.Attribute(value=inner, attr=name):
                    parts.append(name)
                case ast.Subscript(value=inner, slice=ast.Constant(value=str(name))):
                    parts.append(name)
                case ast.Name(id=name) if name in self.roots and parts:
                    return ".".join(reversed(parts))
                case _:
                    return None
            node = inner

    def _inert(self, value: ast.expr) -> bool:
        """Say whether evaluating an expression cannot change a setting."""
        for node in ast.walk(value):
            match node:
                case ast.Name(id=name) if name in self.roots:
                    return False
                case ast.Name(id=name) if name in _REACHING and name != "sys":
                    return False
                case ast.Call():
                    if not _may_be_called(node.func):
                        return False
                case _ if not isinstance(node, _VALUES):
                    return False
        return True

    def _defines(self, statement: ast.FunctionDef | ast.ClassDef) -> bool:
        """Say whether a definition only defines: nothing of it runs, nothing is hidden by it."""
        if statement.decorator_list or statement.name in self.roots | _PROTECTED:
            return False
        if any(
            isinstance(node, ast.Name) and node.id in self.roots | _REACHING
            for node in ast.walk(statement)
        ):
            return False
        if isinstance(statement, ast.FunctionDef):
            given = [*statement.args.defaults, *(one for one in statement.args.kw_defaults if one)]
            return all(map(self._inert, given))
        if statement.keywords or not all(map(self._inert, statement.bases)):
            return False
        return all(
            isinstance(one, ast.Pass)
            or (isinstance(one, ast.Expr | ast.Assign) and self._inert(one.value))
            or (isinstance(one, ast.FunctionDef) and self._defines(one))
            for one in statement.body
        )


def _is_config(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Name(id="get_config"), args=[], keywords=[]):
            return True
        case _:
            return False


def _may_be_called(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute) and function.attr in _METHODS:
        return True  # of a value, which is judged itself
    return ast.unparse(function) in _CALLED


def _known_import(statement: ast.Import | ast.ImportFrom, roots: set[str]) -> bool:
    """Say whether an import brings no program of the course: that could do anything."""
    if isinstance(statement, ast.ImportFrom):
        modules = [statement.module or ""]
        if statement.level or any(one.name == "*" for one in statement.names):
            return False
    else:
        modules = [one.name for one in statement.names]
    bound = {one.asname for one in statement.names if one.asname}
    if isinstance(statement, ast.ImportFrom):
        bound |= {one.name for one in statement.names} - {
            "Path",
            "datetime",
            "get_username",
            "timedelta",
        }
    return not bound & (roots | _PROTECTED) and all(
        one.split(".")[0] in _MODULES for one in modules
    )
