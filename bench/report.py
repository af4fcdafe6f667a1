"""What a run found, as Markdown for people and as JSON for programs, with the verdict on every goal that it could judge."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from bench import places
from bench.blocks import Log
from bench.goals import Row, as_data, ends, judge, table, times, word
from bench.measuring import Scenario

MOST_STATEMENTS = {"list": 6, "list, own tickets": 6, "detail": 10, "create": 12}
NAMES = {
    "create": "REST create",
    "transition": "transition *",
    "list": "REST list of 25",
    "list, own tickets": "REST list of 25, a customer's own",
    "detail": "REST detail",
    "page": "agent's ticket page (HTML)",
    "queue": "agent's queue (HTML), 1 client",
    "queue, late": "queue of what is late (HTML), 1 client",
    "search": "REST search by a word of the title, 1 client",
}


@dataclass
class Result:
    date: str
    machine: str
    server: str
    command: str
    rounds: int
    log: Log
    minutes: float = 0.0
    peers: list[Scenario] = field(default_factory=list)
    sizes: list[Scenario] = field(default_factory=list)
    size_columns: list[str] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)

    def write(self) -> str:
        """Writes both files under var/bench and returns the text."""
        text = "\n".join(self.lines()) + "\n"
        places.SCRATCH.mkdir(parents=True, exist_ok=True)
        (places.SCRATCH / "results.md").write_text(text)
        data = {
            "date": self.date,
            "machine": self.machine,
            "server": self.server,
            "command": self.command,
            "rounds": self.rounds,
            "minutes": round(self.minutes, 1),
            "log": asdict(self.log),
            "peers": {s.name: _samples(s) for s in self.peers},
            "sizes": {s.name: _samples(s) for s in self.sizes},
            "statements": self.counts,
            "goals": as_data(self.goals()),
        }
        (places.SCRATCH / "results.json").write_text(json.dumps(data, indent=1))
        return text

    # -- text ----------------------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        yield f"# Benchmark of {self.date}"
        yield ""
        yield f"{self.machine}. {self.server}. `{self.command}`, {self.minutes:.0f} minutes."
        yield from self.log.lines(self.rounds)
        if self.peers:
            yield from self._peers()
        if self.sizes:
            yield from self._sizes()
        yield from self._statements()
        yield from self._goals()
        broken = [(s.name, column, codes) for s in (*self.peers, *self.sizes) for column, codes in s.broken.items()]
        if broken:
            yield from ("", "## Answers that were not good: these figures do not count", "")
            yield from (f"* {name}, {column}: {codes}" for name, column, codes in broken)

    def _peers(self) -> Iterator[str]:
        yield from (
            "",
            "## Beside others, 1,000 tickets, 8 clients",
            "",
            "req/s (p50 / p95 ms); ratios of req/s, with the range of the rounds",
            "",
        )
        yield "| | the desk | django-helpdesk | bare limit | desk : helpdesk | desk : limit |"
        yield "|---|---|---|---|---|---|"
        for s in self.peers:
            if s.name == "authentication":
                continue
            cells = [_cell(s, column) for column in ("desk", "helpdesk", "limit")]
            ratios = [
                f"{times(s.ratio('desk', other, 'rps'))} {ends(s.ratios('desk', other, 'rps'))}".strip(" -") or "-"
                for other in ("helpdesk", "limit")
            ]
            yield f"| {NAMES[s.name]} | {' | '.join(cells + ratios)} |"
        yield ""
        yield (
            "\\* Not the same work: the desk opens a ticket over REST (clocks, history and mail owed); django-helpdesk takes its "
            "form of an update with a comment, a title and a state; the limit changes one column. "
            "None of the desk's jobs runs meanwhile; they are other processes'."
        )
        found = next((s for s in self.peers if s.name == "authentication"), None)
        if found:
            yield ""
            yield (
                f"The same list with a key: {_cell(found, 'token')}; with a session: {_cell(found, 'session')}; "
                f"key : session, p50: {times(found.ratio('token', 'session', 'p50'))}."
            )

    def _sizes(self) -> Iterator[str]:
        first, last = self.size_columns[0], self.size_columns[-1]
        yield from ("", "## The desk by size", "", "req/s (p50 / p95 ms); 8 clients unless said", "")
        yield f"| tickets | {' | '.join(self.size_columns)} | p50, {last} : {first} | p95, {last} : {first} (rounds) |"
        yield "|---|" + "---|" * (len(self.size_columns) + 2)
        for s in self.sizes:
            cells = [_cell(s, column) for column in self.size_columns]
            yield (
                f"| {NAMES[s.name]} | {' | '.join(cells)} | {times(s.ratio(last, first, 'p50'))} | "
                f"{times(s.ratio(last, first, 'p95'))} {ends(s.ratios(last, first, 'p95'))} |"
            )
        queue = next(s for s in self.sizes if s.name == "queue")
        yield ""
        yield f"A stock admin list over {last} plain tickets, 1 client: {_cell(queue, 'stock')}."

    def _statements(self) -> Iterator[str]:
        names = [name for name in NAMES if any(name in counts for counts in self.counts.values())]
        yield from ("", "## SQL statements per request (with BEGIN, COMMIT and savepoints)", "")
        yield f"| | {' | '.join(self.counts)} |"
        yield "|---|" + "---|" * len(self.counts)
        for name in names:
            cells = [_count(counts.get(name)) for counts in self.counts.values()]
            yield f"| {NAMES[name].removesuffix(', 1 client')} | {' | '.join(cells)} |"

    def _goals(self) -> Iterator[str]:
        yield from ("", "## Goals", "", *table(self.goals()))

    # -- goals ---------------------------------------------------------------------------------------------------------

    def goals(self) -> Iterator[Row]:
        """(goal, found, verdict on the firm figure, verdict on the stretch)."""
        by_name = {s.name: s for s in self.peers}
        if by_name:
            create, listed, page = by_name["create"], by_name["list"], by_name["page"]
            yield self._judge("6 create : helpdesk", create.ratios("desk", "helpdesk", "rps"), 1.5, 2.0)
            yield self._judge("6 create : limit", create.ratios("desk", "limit", "rps"), 0.35, 0.5)
            yield self._judge("7 list : limit", listed.ratios("desk", "limit", "rps"), 0.6, 0.75)
            yield self._judge("7 list : helpdesk", listed.ratios("desk", "helpdesk", "rps"), 40, 40)
            yield self._judge("10 ticket page : helpdesk's ticket page", page.ratios("desk", "helpdesk", "rps"), 2, 4)
            detail = by_name["detail"].ratios("desk", "helpdesk", "rps")
            yield self._judge("10 REST detail : helpdesk's REST detail", detail, 2, 4)
            tokens = by_name["authentication"].ratios("token", "session", "p50")
            yield self._judge("18 key : session, p50", tokens, 1.3, 1.3, at_least=False)
        if self.sizes and len(self.size_columns) > 1:
            first, last = self.size_columns[0], self.size_columns[-1]
            for s in self.sizes:
                if s.name in ("list", "detail", "create", "transition"):
                    found = s.ratios(last, first, "p95")
                    yield self._judge(f"8 {s.name}, p95, {last} : {first}", found, 1.2, 1.1, at_least=False)
            queue = next(s for s in self.sizes if s.name == "queue")
            found = queue.ratios(last, first, "p50")
            yield self._judge(f"11 queue, p50, {last} : {first}", found, 1.3, 1.3, at_least=False)
            yield self._judge(f"11 stock admin list : queue, p50, {last}", queue.ratios("stock", last, "p50"), 15, 25)
        yield from self._statement_goals()

    def _judge(self, goal: str, ratios: list[float], firm: float, stretch: float, *, at_least: bool = True) -> Row:
        return judge(goal, ratios, firm, stretch, noisy=self.log.keeps_all, at_least=at_least)

    def _statement_goals(self) -> Iterator[Row]:
        desks = {column: counts for column, counts in self.counts.items() if column.startswith("desk")}
        for name, most in MOST_STATEMENTS.items():
            found = {counts[name]["statements"] for counts in desks.values()}
            verdict = word(max(found) <= most and len(found) == 1)
            text = f"{' / '.join(str(number) for number in sorted(found))} at {len(desks)} sizes"
            yield f"9 statements, {name}: at most {most}, the same at every size", text, verdict, ""


def _cell(s: Scenario, column: str) -> str:
    if not s.samples.get(column):
        return "-"
    rps, p50, p95 = (s.middle(column, what) or 0.0 for what in ("rps", "p50", "p95"))
    mark = " (!)" if column in s.broken else ""
    return f"{rps:,.1f} ({p50:,.1f} / {p95:,.1f}){mark}"


def _count(found: Any) -> str:
    if found is None:
        return "-"
    mark = "" if found["status"] < 400 else f" (status {found['status']}!)"
    return f"{found['statements']:,} ({found['statements'] + found['control']:,}){mark}"


def _samples(s: Scenario) -> dict[str, Any]:
    return {
        column: [{k: v for k, v in asdict(sample).items() if k != "kept"} for sample in samples]
        for column, samples in s.samples.items()
    }
