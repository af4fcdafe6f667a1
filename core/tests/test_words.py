"""Words of time are held against the sentences of the interface's prototypes. «Now» is Thursday 12 March 2026, 14:30 in Mexico City."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import words

MEXICO = ZoneInfo("America/Mexico_City")
TIJUANA = ZoneInfo("America/Tijuana")
NOW = datetime(2026, 3, 12, 14, 30, tzinfo=MEXICO)


def at(day: int, hour: int, minute: int = 0, *, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=MEXICO)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(12, 16, 40), "hoy 16:40"),
        (at(12, 9, 5), "hoy 9:05"),
        (at(13, 9), "mañana 9:00"),
        (at(11, 0, 0), "ayer 0:00"),
        (at(13, 18, month=4), "lun 13 abr, 18:00"),
        (at(10, 16, 20), "mar 10 mar, 16:20"),
        (at(2, 8, month=1, year=2027), "sáb 2 ene 2027, 8:00"),
    ],
)
def test_a_moment_is_named_by_its_day_and_hour(moment: datetime, expected: str) -> None:
    assert words.moment(moment, zone=MEXICO, now=NOW) == expected


def test_a_moment_is_read_in_the_viewers_zone() -> None:
    late = datetime(2026, 3, 13, 6, 30, tzinfo=UTC)
    assert words.moment(late, zone=MEXICO, now=NOW) == "mañana 0:30"
    assert words.moment(late, zone=TIJUANA, now=NOW) == "hoy 23:30"


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        words.moment(datetime(2026, 3, 12, 9, 0), zone=MEXICO, now=NOW)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(12, 12, 25), "hoy 12:25"),
        (at(13, 14, 30), "mañana, viernes 13 de marzo, 14:30"),
        (at(15, 12, 25), "domingo 15 de marzo, 12:25"),
        (at(4, 9, month=1, year=2027), "lunes 4 de enero de 2027, 9:00"),
    ],
)
def test_a_long_moment_spells_day_and_month(moment: datetime, expected: str) -> None:
    assert words.long_moment(moment, zone=MEXICO, now=NOW) == expected


@pytest.mark.parametrize(
    ("moment", "plain", "of"),
    [
        (at(12, 12, 25), "hoy 12:25", "de hoy 12:25"),
        (at(13, 9), "mañana 9:00", "de mañana 9:00"),
        (at(11, 9), "ayer 9:00", "de ayer 9:00"),
        (at(15, 12, 25), "el dom 15 mar, 12:25", "del dom 15 mar, 12:25"),
    ],
)
def test_a_moment_inside_a_sentence_may_be_brief(moment: datetime, plain: str, of: str) -> None:
    assert words.on_brief(moment, zone=MEXICO, now=NOW) == plain
    assert words.on_brief(moment, zone=MEXICO, now=NOW, after="de") == of


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "0 min"),
        (40, "40 min"),
        (60, "1 h"),
        (130, "2 h 10 min"),
        (185, "3 h 05 min"),
        (1440, "1 día"),
        (2 * 1440 + 21 * 60 + 59, "2 días y 21 h"),
        (9 * 1440 + 60, "9 días"),
        (-25, "25 min"),
    ],
)
def test_a_duration_has_at_most_two_units(minutes: int, expected: str) -> None:
    assert words.duration(minutes) == expected


def test_a_duration_drops_the_seconds() -> None:
    assert words.duration(timedelta(minutes=40, seconds=59)) == "40 min"


@pytest.mark.parametrize(
    ("minutes", "day_minutes", "expected"),
    [
        (40, 600, "40 min hábiles"),
        (60, None, "1 h hábil"),
        (600, 600, "10 h hábiles"),
        (330, 600, "5 h 30 min hábiles"),
        (1200, 600, "2 días hábiles"),
        (1790, 600, "2 días hábiles"),
        (1200, None, "20 h hábiles"),
    ],
)
def test_business_time_says_so(minutes: int, day_minutes: int | None, expected: str) -> None:
    assert words.business(minutes, day_minutes=day_minutes) == expected


def test_a_deadline_of_today_is_counted_on_the_wall() -> None:
    due = words.due(at(12, 16, 40), zone=MEXICO, now=NOW, business_minutes=130, day_minutes=600)
    assert due == words.Deadline("vence en 2 h 10 min", "hoy 16:40", at(12, 16, 40))
    assert due.line == "vence en 2 h 10 min (hoy 16:40)"


def test_a_business_deadline_of_another_day_is_said_in_business_time_and_is_not_counted_down() -> None:
    due = words.due(at(17, 12, 5), zone=MEXICO, now=NOW, business_minutes=1235, day_minutes=600)
    assert due == words.Deadline("vence en 2 días hábiles", "mar 17 mar, 12:05", None)
    near = words.due(at(13, 10), zone=MEXICO, now=NOW, business_minutes=330, day_minutes=600)
    assert near == words.Deadline("vence en 5 h 30 min hábiles", "vie 13 mar, 10:00", None)


def test_a_natural_deadline_is_tomorrow_or_days_away() -> None:
    assert words.due(at(13, 18), zone=MEXICO, now=NOW) == words.Deadline("vence mañana", "vie 13 mar, 18:00")
    assert words.due(at(15, 18), zone=MEXICO, now=NOW) == words.Deadline("vence en 3 días", "dom 15 mar, 18:00")


def test_a_natural_deadline_after_midnight_is_still_counted_in_hours() -> None:
    assert words.due(at(13, 1, 30), zone=MEXICO, now=NOW).words == "vence en 11 h"


def test_the_last_minute_is_not_zero() -> None:
    assert words.due(NOW + timedelta(seconds=30), zone=MEXICO, now=NOW).words == "vence en menos de 1 min"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(12, 14, 5), "venció hace 25 min"),
        (at(12, 14, 30), "venció hace menos de 1 min"),
        (at(11, 23, 30), "venció ayer"),
        (at(9, 14, 0), "venció hace 3 días"),
    ],
)
def test_a_breach_says_how_long_ago(moment: datetime, expected: str) -> None:
    assert words.due(moment, zone=MEXICO, now=NOW).words == expected


def test_a_pause_says_what_it_waits_for_and_since_when() -> None:
    assert words.paused("espera su respuesta").line == "en pausa (espera su respuesta)"
    since = words.paused("espera su respuesta", since=at(12, 11, 20), zone=MEXICO, now=NOW)
    assert since == words.Deadline("en pausa", "espera su respuesta desde hoy 11:20")
    assert words.paused().line == "en pausa"


def test_a_met_clock_says_in_how_long() -> None:
    on_time = words.met(21, at(10, 16, 41), zone=MEXICO, now=NOW)
    assert on_time == words.Deadline("cumplida en 21 min", "mar 10 mar, 16:41")
    late = words.met(1500, at(12, 12, 0), zone=MEXICO, now=NOW, is_business=True, late=True)
    assert late == words.Deadline("cumplida tarde, en 25 h hábiles", "hoy 12:00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOW, "ahora mismo"),
        (at(12, 14, 18), "hace 12 min"),
        (at(12, 12, 30), "hace 2 h"),
        (at(11, 20), "ayer"),
        (at(9, 9), "lun 9 mar"),
        (at(12, 16), "hoy 16:00"),
    ],
)
def test_the_past_is_told_from_now(moment: datetime, expected: str) -> None:
    assert words.ago(moment, zone=MEXICO, now=NOW) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(15, 11, 30), "quedan 2 días y 21 h"),
        (NOW + timedelta(minutes=1), "queda 1 min"),
        (NOW + timedelta(hours=1), "queda 1 h"),
        (NOW + timedelta(seconds=5), "queda menos de 1 min"),
        (NOW, "ya pasó"),
    ],
)
def test_what_remains_agrees_in_number(moment: datetime, expected: str) -> None:
    assert words.remaining(moment, now=NOW) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (214 * 1024, "214 KB"),
        (1024, "1 KB"),
        (1_300_000, "1.2 MB"),
        (25 * 1024 * 1024, "25 MB"),
        (3 * 1024**3, "3.0 GB"),
    ],
)
def test_a_file_size_has_the_unit_one_would_say(size: int, expected: str) -> None:
    assert words.file_size(size) == expected


@pytest.mark.parametrize(("name", "expected"), [("Óscar Villanueva", "ÓV"), ("lucía herrera montaño", "LH"), ("", "")])
def test_initials_are_of_the_first_two_words(name: str, expected: str) -> None:
    assert words.initials(name) == expected
