"""The house's laws as a checker of source text. Each rule is one small function over a parsed module."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

LAYERS = [
    {"core"},
    {"accounts"},
    {"customers"},
    {"tickets"},
    {"sla"},
    {"escalation"},
    {"improvements"},
    {"surveys", "audits", "operations"},
    {"reports"},
    {"channels"},
    {"portal", "console", "api"},
    {"servicedesk"},
]
RANK = {app: rank for rank, layer in enumerate(LAYERS) for app in layer}
FRONT_ENDS = LAYERS[-2]
LONGEST_MODULE = 400
OUTSIDE_WORLD = ("smtplib", "imaplib", "imap_tools", "requests", "httpx", "urllib.request", "urllib3", "http.client", "socket",
                 "django.core.mail")  # fmt: skip

Finding = tuple[int, str]


@dataclass(frozen=True)
class Module:
    path: PurePosixPath
    source: str
    owned: frozenset[str] = frozenset()
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", ast.parse(self.source))

    @property
    def app(self) -> str:
        return self.path.parts[0]

    @property
    def is_test(self) -> bool:
        return "tests" in self.path.parts or self.path.name == "testing.py"

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.path.parts

    @property
    def is_service(self) -> bool:
        return "services" in self.path.parts or self.path.name == "services.py"


def may_know(app: str, other: str) -> bool:
    """Whether `app` may import, or have a foreign key to, `other`: itself or anything in a layer to its left."""
    return app == other or other not in RANK or RANK[other] < RANK[app]


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names, or an empty string."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def imports(module: Module) -> Iterator[Finding]:
    """Every module that is imported anywhere in the text (function bodies too), also by its name in a string."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called, name = dotted(node.func).rpartition(".")[2], node.args[0].value
            if called in {"import_module", "import_string", "get_model"} and isinstance(name, str):
                yield node.lineno, name


def rightward_imports(module: Module) -> Iterator[Finding]:
    for line, name in imports(module):
        other = name.partition(".")[0]
        if not module.is_test and not may_know(module.app, other):
            yield line, f"{module.app} must not import {name}"


def clock_reads(module: Module) -> Iterator[Finding]:
    if module.path == PurePosixPath("core/clock.py") or module.is_migration:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            owner = dotted(node.value).rpartition(".")[2]
            if owner in {"timezone", "datetime", "date"} and node.attr in {"now", "utcnow", "today"}:
                yield node.lineno, f"reads the clock ({owner}.{node.attr}): ask core.clock"
        elif isinstance(node, ast.Call) and not node.args and not node.keywords:
            if dotted(node.func) in {"timezone.localdate", "timezone.localtime"}:
                yield node.lineno, f"reads the clock ({dotted(node.func)}): ask core.clock"
        elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            yield node.value.lineno, f"reads the clock ({node.arg}): ask core.clock"


def long_modules(module: Module) -> Iterator[Finding]:
    lines = module.source.count("\n")
    if lines > LONGEST_MODULE and not module.is_migration:
        yield lines, f"has {lines} lines; the limit is {LONGEST_MODULE}"


def sent_tasks(module: Module) -> Iterator[Finding]:
    if module.path.name == "tasks.py" or module.is_test:
        return
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"delay", "apply_async"}
        ):
            yield node.lineno, "sends a task: write a row, its job finds it"


def signal_receivers(module: Module) -> Iterator[Finding]:
    """Django's signals (and its packages'). Celery's have no other way to set up logging."""
    for line, name in imports(module):
        parts = name.split(".")
        if parts[0] != "celery" and ("signals" in parts or parts[:2] == ["django", "dispatch"]):
            yield line, f"uses signals ({name}): write the reaction into servicedesk/reactions.py"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr == "signals":
            yield node.lineno, f"uses signals ({dotted(node)}): write the reaction into servicedesk/reactions.py"


def external_calls(module: Module) -> Iterator[Finding]:
    if not module.is_service or module.is_test:
        return
    for line, name in imports(module):
        if name.startswith(OUTSIDE_WORLD):
            yield line, f"a service must not reach outside ({name}): write a row, a job does it"


def unscoped_reads(module: Module) -> Iterator[Finding]:
    """In a front end, rows that belong to a customer are read through `.visible_to(actor)` and in no other way."""
    if module.app not in FRONT_ENDS or module.is_test:
        return
    parents = {child: node for node in ast.walk(module.tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}:
            model, next_ = dotted(node.value).rpartition(".")[2], parents.get(node)
            scoped = isinstance(next_, ast.Attribute) and next_.attr in {"visible_to", "none"}
            if model in module.owned and not scoped:
                yield node.lineno, f"reads {model} without .visible_to(actor)"
        elif isinstance(node, ast.Call) and dotted(node.func).endswith(("get_object_or_404", "get_list_or_404")):
            model = dotted(node.args[0]).rpartition(".")[2] if node.args else ""
            if model in module.owned:
                yield node.lineno, f"reads {model} without .visible_to(actor)"


RULES: list[Callable[[Module], Iterator[Finding]]] = [
    rightward_imports,
    clock_reads,
    long_modules,
    sent_tasks,
    signal_receivers,
    external_calls,
    unscoped_reads,
]


def violations(path: str, source: str, owned: frozenset[str] = frozenset()) -> list[str]:
    """What in this module breaks a law. `owned` names the models that belong to a customer."""
    module = Module(PurePosixPath(path), source, owned)
    return [f"{path}:{line}: {text}" for rule in RULES for line, text in rule(module)]
