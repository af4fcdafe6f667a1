"""The desk is killed again and again while people work through its API: nothing acknowledged is lost, nothing is done twice."""

import json
import random
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from servicedesk.tests.embedded import Desk, free_port, status, until
from servicedesk.tests.mailbox import address, parsed

SEED = 7
KILLS = 4
WRITERS = 4
BACK_WITHIN = 60.0
CUSTOMER, AGENT = "cliente@demo.example", "agente@demo.example"

PREPARE = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("seed_guide")
call_command("demo", tickets=0)
for email in ("{CUSTOMER}", "{AGENT}"):
    call_command("api_token", email)
"""

PROVE = """
from django.core.management import call_command
call_command("check_invariants")
call_command("verify_history")
"""


class Writer(threading.Thread):
    """Somebody who takes one ticket after another through its life, and repeats each request with its key until it is answered."""

    def __init__(self, name: str, port: int, keys: dict[str, str], ending: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.port, self.keys, self.ending = port, keys, ending
        self.link: HTTPConnection | None = None
        self.tickets: dict[str, str] = {}
        self.closed: set[str] = set()
        self.repeated = 0
        self.longest_wait = 0.0
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.ending.is_set():
                self.live(f"{self.name}-{len(self.tickets)}")
                time.sleep(0.3)
        except BaseException as error:
            self.fault = error
        finally:
            if self.link is not None:
                self.link.close()

    def live(self, mark: str) -> None:
        report = {
            "kind": "incident",
            "service_line": "functional",
            "impact": "moderate",
            "urgency": "high",
            "title": f"No se timbra {mark}",
            "description": f"Termina con CFDI33118 ({mark}).",
            "external_reference": mark,
        }
        number = self.tickets[mark] = self.post(CUSTOMER, "", report, f"{mark}-create")["number"]
        self.post(AGENT, f"{number}/transitions/", {"transition": "open"}, f"{mark}-open")
        self.post(AGENT, f"{number}/messages/", {"body": f"Lo revisamos ({mark})."}, f"{mark}-message")
        solution = {"transition": "solve", "solution_type": "workaround", "solution": f"Reinicie ({mark})."}
        self.post(AGENT, f"{number}/transitions/", solution, f"{mark}-solve")
        self.post(CUSTOMER, f"{number}/transitions/", {"transition": "accept"}, f"{mark}-accept")
        self.closed.add(mark)

    def post(self, who: str, path: str, body: dict[str, Any], key: str) -> Any:
        headers = {
            "Authorization": f"Token {self.keys[who]}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        started = time.monotonic()
        while time.monotonic() - started < BACK_WITHIN:
            try:
                if self.link is None:
                    self.link = HTTPConnection("127.0.0.1", self.port, timeout=30)
                self.link.request("POST", f"/api/v1/tickets/{path}", json.dumps(body), headers)
                answer = self.link.getresponse()
                content = answer.read()
            except (OSError, HTTPException):
                # Perhaps it was done and perhaps not: only the key can tell.
                if self.link is not None:
                    self.link.close()
                self.link = None
                self.repeated += 1
                time.sleep(0.1)
                continue
            assert answer.status in (200, 201), f"{key}: {answer.status} {content.decode()}"
            self.longest_wait = max(self.longest_wait, time.monotonic() - started)
            return json.loads(content)
        raise AssertionError(f"{key} had no answer for {BACK_WITHIN} s")


def wait_until_back(desk: Desk, process: subprocess.Popen[bytes], port: int) -> float:
    """Seconds from the start until it takes requests and its jobs turn."""
    started = time.monotonic()
    while status(port, "/readyz") != 200:
        assert process.poll() is None, desk.log.read_text()
        assert time.monotonic() - started < BACK_WITHIN, desk.log.read_text()
        time.sleep(0.1)
    return time.monotonic() - started


SURVEY = "¿Cómo fue el servicio? Díganoslo en un clic"
"""The one mail of these lives that is not about a ticket. At night it waits for the morning, as it should."""


def undone(var: Path) -> int:
    """Reactions and mails that still wait. Read without the product's code, as everything here is."""
    with closing(sqlite3.connect(var / "db.sqlite3")) as rows:
        queries = (
            "SELECT COUNT(*) FROM core_delivery WHERE state <> 'done'",
            f"SELECT COUNT(*) FROM channels_outboundmessage WHERE state <> 'done' AND subject <> '{SURVEY}'",
        )
        return sum(rows.execute(query).fetchone()[0] for query in queries)


LIFE = "receive open message solve accept"


def lives(var: Path) -> dict[str, list[tuple[str, str, str, str]]]:
    """By the mark of each ticket: number, state, events in order, and how often each thing was said."""
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    with closing(sqlite3.connect(var / "db.sqlite3")) as rows:
        for key, mark, state in rows.execute("SELECT id, external_reference, state FROM tickets_ticket"):
            events = rows.execute("SELECT kind FROM tickets_ticketevent WHERE ticket_id = ? ORDER BY sequence", [key])
            bodies = Counter(
                body for (body,) in rows.execute("SELECT body FROM tickets_message WHERE ticket_id = ?", [key])
            )
            kinds, counts = " ".join(kind for (kind,) in events), sorted(bodies.values())
            found.setdefault(mark, []).append((f"T{key:07d}", state, kinds, str(counts)))
    return found


def letters(folder: Path) -> dict[str, Counter[str]]:
    """By ticket: how many mails, each Message-ID counted once, said what to the customer."""
    found: dict[str, Counter[str]] = {}
    seen: set[str] = set()
    for path in folder.glob("*.eml"):
        mail = parsed(path)
        if mail["Subject"] == SURVEY:
            continue
        subject = re.fullmatch(r"\[(T\d{7})\] (.+?): .+", mail["Subject"])
        assert subject is not None, mail["Subject"]
        if address(mail) == CUSTOMER and mail["Message-ID"] not in seen:
            seen.add(mail["Message-ID"])
            found.setdefault(subject[1], Counter())[subject[2]] += 1
    return found


def test_killed_at_any_moment_it_returns_and_has_lost_nothing(tmp_path: Path, record_property: Any) -> None:
    desk = Desk(tmp_path, DEMO_MODE="true", API_REQUESTS_PER_MINUTE="100000", MAIL_PER_MINUTE="100000")
    prepared = desk.manage("shell", "--verbosity", "0", "-c", PREPARE)
    assert prepared.returncode == 0, prepared.stderr
    del desk.env["DEMO_MODE"]
    customer, agent = prepared.stdout.split()[-2:]
    port, chance = free_port(), random.Random(SEED)
    process = desk.start(port, "--prepare")
    ending = threading.Event()
    writers = [Writer(f"w{n}", port, {CUSTOMER: customer, AGENT: agent}, ending) for n in range(WRITERS)]
    try:
        back = [wait_until_back(desk, process, port)]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 3.0))
            process.kill()
            process.wait()
            process = desk.start(port, "--prepare")
            back.append(wait_until_back(desk, process, port))
        # One that is killed before it serves, and one asleep for a while: neither is a loss either.
        process.kill()
        process.wait()
        process = desk.start(port, "--prepare")
        time.sleep(chance.uniform(0.1, 1.0))
        process.kill()
        process.wait()
        process = desk.start(port, "--prepare")
        back.append(wait_until_back(desk, process, port))
        process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        process.send_signal(signal.SIGCONT)
        time.sleep(1)
        ending.set()
        for writer in writers:
            writer.join(BACK_WITHIN + 5)
        assert [(writer.name, writer.fault) for writer in writers if writer.fault or writer.is_alive()] == []
        # One last time, with as much as possible still to be done.
        process.kill()
        process.wait()
        process = desk.start(port, "--prepare")
        back.append(wait_until_back(desk, process, port))
        until(lambda: undone(tmp_path) == 0, BACK_WITHIN)
        process.terminate()
        assert process.wait(20) == 0, desk.log.read_text()
    finally:
        ending.set()
        process.kill()
        process.wait()

    assert max(back) < BACK_WITHIN
    tickets = {mark: number for writer in writers for mark, number in writer.tickets.items()}
    assert {mark for writer in writers for mark in writer.closed} == set(tickets)
    assert sum(writer.repeated for writer in writers) >= KILLS, "no kill met a request"
    proved = desk.manage("shell", "--verbosity", "0", "-c", PROVE)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    record_property("tickets", len(tickets))
    record_property("repeated", sum(writer.repeated for writer in writers))
    record_property("back_after", [round(seconds, 1) for seconds in back])
    record_property("longest_wait", round(max(writer.longest_wait for writer in writers), 1))
    assert lives(tmp_path) == {mark: [(number, "closed", LIFE, "[1, 1]")] for mark, number in tickets.items()}
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as rows:
        asked = "SELECT COUNT(*), COUNT(DISTINCT person_id) FROM surveys_survey WHERE state <> 'left_out'"
        assert rows.execute(asked).fetchone() == (1, 1), "whoever closes many tickets is asked once"
    # The solution may be accepted before its mail is written, which then is none any more.
    owed = {"Recibimos su ticket": 1, "Su ticket está listo para ser atendido": 1, "Mensaje nuevo en su ticket": 1}
    optional = "Su ticket está solucionado, falta que lo valide"
    sent = letters(tmp_path / "mail")
    assert max(mails.pop(optional, 0) for mails in sent.values()) <= 1
    assert sent == dict.fromkeys(tickets.values(), owed)
