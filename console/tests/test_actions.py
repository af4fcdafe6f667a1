"""The register of corrective actions in the console: its list, each one's page, opening one, the month, and who may see which."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channels.models import OutboundMessage
from console import keyset
from core import clock
from core.tasks import run_deliveries
from improvements import acts, policy
from improvements.models import CorrectiveAction, OriginRule
from improvements.services import progress, register
from improvements.vocabulary import ActionState
from servicedesk.seeding import improvements

pytestmark = pytest.mark.django_db
BUTTON = re.compile(r'data-act="(\w+)"')
LIST = "/admin/improvements/correctiveaction/"
NEW = f"{LIST}add/"
MONTH = f"{LIST}mes/"
DESK = ("agent", "consultant", "supervisor", "manager", "director", "bpo", "service_delivery", "admin")


@pytest.fixture(autouse=True)
def rules(guide, now):
    improvements.rules()


@pytest.fixture
def action(supervisor, company):
    return opened(supervisor, company=company)


def opened(by, source_id=1, **changes):
    values = {"label": "QS000001", "title": "Avisar antes", "problem": "Nadie avisó.", **changes}
    return register.open_for("complaint", source_id=source_id, by=by, **values)


@pytest.fixture
def in_state(action, supervisor, manager):
    def take(state):
        if state == ActionState.CANCELLED:
            return progress.cancel(action, by=manager, reason="La cubre otra.")
        if state == ActionState.OPEN:
            return action
        row = progress.plan(action, by=supervisor, cause="c", plan="p")
        if state == ActionState.IN_PROGRESS:
            return row
        row = progress.implement(row, by=supervisor, evidence="e")
        return (
            row if state == ActionState.IMPLEMENTED else progress.verify(row, by=manager, is_effective=True, text="t")
        )

    return take


def page_of(action):
    return reverse("admin:improvements_correctiveaction_change", args=[action.pk])


def act_of(action, name):
    return reverse("admin:improvements_correctiveaction_act", args=[action.pk, name])


def read(client, address, status=200, **data):
    answer = client.get(address, data)
    assert answer.status_code == status, address
    return answer.content.decode()


@pytest.mark.parametrize("state", list(ActionState))
@pytest.mark.parametrize("role", DESK)
def test_the_buttons_are_the_policys(client, in_state, role, state, request):
    row, person = in_state(state), request.getfixturevalue(role)
    client.force_login(person)
    if role == "consultant":
        assert client.get(page_of(row)).status_code == 404, "they own none of it"
        return
    drawn = BUTTON.findall(read(client, page_of(row)))
    assert drawn == [act.name for act in acts.available(row, person)]
    for name in acts.ACTS:
        allowed = bool(policy.can(acts.RULED_BY.get(name, name), person, row))
        assert client.get(act_of(row, name)).status_code == (200 if allowed else 409), name


def test_a_life_on_the_page(client, action, supervisor, manager):
    client.force_login(supervisor)
    assert client.post(act_of(action, "plan"), {"version": 1, "cause": "Causa.", "plan": "Plan."}).status_code == 302
    file = SimpleUploadedFile("minuta.txt", b"acordado")
    data = {"version": 2, "evidence": "Minuta.", "files": file}
    assert client.post(act_of(action, "implement"), data).status_code == 302
    text = read(client, page_of(action))
    assert "minuta.txt" in text
    assert "Su efecto lo verifica otra persona" in text
    link = re.search(r'href="([^"]+/archivo/\d+/)"', text)[1]
    download = client.get(link)
    assert b"".join(download.streaming_content) == b"acordado"
    assert download["Content-Disposition"].startswith("attachment")
    client.force_login(manager)
    assert client.post(act_of(action, "verify"), {"version": 3, "text": "Ya no pasa."}).status_code == 302
    text = read(client, page_of(action))
    assert "Lo verificó Julio Bernal Ortiz" in text
    action.refresh_from_db()
    assert action.state == ActionState.CLOSED


def test_what_is_missing_comes_back_beside_its_field_with_what_was_typed(client, action, supervisor):
    client.force_login(supervisor)
    answer = client.post(act_of(action, "plan"), {"version": 1, "cause": "Mi causa", "plan": ""})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Mi causa" in text
    assert "Falta «Qué se hará»." in text


def test_a_stale_page_keeps_what_was_typed_and_says_what_happened(client, action, supervisor, manager):
    progress.comment(action, by=manager, text="Visto.")
    client.force_login(supervisor)
    answer = client.post(act_of(action, "plan"), {"version": 1, "cause": "Mi causa", "plan": "Mi plan"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "La acción cambió mientras la tenía abierta" in text
    assert "Mi causa" in text
    assert CorrectiveAction.objects.get().cause == ""


@pytest.mark.parametrize("version", ["", "x", "9" * 40, "-1", "²"])
def test_a_version_that_never_was_is_stale(client, action, supervisor, version):
    client.force_login(supervisor)
    answer = client.post(act_of(action, "comment"), {"version": version, "text": "Hola."})
    assert answer.status_code == 409
    assert action.entries.count() == 1


@pytest.mark.parametrize("owner", ["", "0", "9" * 25, "x", "-1"])
def test_nobody_is_nobody(client, action, manager, owner):
    client.force_login(manager)
    assert client.post(act_of(action, "reassign"), {"version": 1, "owner": owner}).status_code == 422


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "Escriba qué acción es."),
        ({"title": "x" * 201}, "Tiene 201 caracteres; caben 200."),
        ({"problem": "\x00"}, "Escriba qué pasó."),
        ({"origin": "x"}, "Elija de dónde viene la acción."),
        ({"ticket": "T9999999"}, "No existe ese ticket."),
        ({"company": "Ninguna"}, "Ninguna compañía se llama así."),
        ({"due_on": "ayer"}, "Escriba la fecha como 2026-03-31."),
        ({"due_on": "2020-01-01"}, "La fecha compromiso ya pasó."),
        ({"owner": "999999"}, "Esa persona no existe."),
    ],
)
def test_a_new_one_that_cannot_be_opened_loses_nothing(client, supervisor, given, field):
    client.force_login(supervisor)
    data = {"origin": "rca", "kind": "corrective", "title": "Mi título", "problem": "Mi problema", **given}
    answer = client.post(NEW, data)
    assert answer.status_code == 422
    assert field in answer.content.decode()
    assert "Mi problema" in answer.content.decode() or "problem" in given
    assert not CorrectiveAction.objects.exists()


def test_a_new_one_from_a_ticket_comes_filled_in_and_is_opened_once(client, agent, supervisor, ticket):
    client.force_login(agent)
    link = f"{NEW}?ticket={ticket.number}"
    assert link in read(client, reverse("admin:tickets_ticket_change", args=[ticket.number]))
    text = read(client, link)
    assert f'value="{ticket.number}"' in text
    assert "Responsable" not in text, "an agent leaves that to the rule"
    data = {"origin": "rca", "kind": "corrective", "title": "Título", "problem": "Qué", "ticket": ticket.number}
    assert client.post(NEW, data).status_code == 302
    assert client.post(NEW, data).status_code == 302
    row = CorrectiveAction.objects.get()
    assert (row.company, row.owner) == (ticket.company, supervisor)
    assert row.number in read(client, reverse("admin:tickets_ticket_change", args=[ticket.number]))


@pytest.mark.parametrize("role", ["consultant", "admin"])
def test_who_may_not_open_one_finds_no_door(client, role, request):
    client.force_login(request.getfixturevalue(role))
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, {}).status_code == 403
    assert NEW not in read(client, LIST)


def test_the_list_shows_each_view_to_whom_it_concerns(client, in_state, supervisor, manager, agent):
    row = in_state(ActionState.IMPLEMENTED)
    late = opened(manager, 2, title="La atrasada", owner=manager)
    with clock.at(clock.now() + timedelta(days=20)):
        client.force_login(manager)
        assert row.title in read(client, LIST, vista="por-verificar")
        assert late.title in read(client, LIST, vista="atrasadas")
        assert late.title in read(client, LIST, vista="mias")
        assert row.title not in read(client, LIST, vista="mias")
        client.force_login(supervisor)
        assert row.title not in read(client, LIST, vista="por-verificar"), "they own it"
        client.force_login(agent)
        assert "No tiene acciones a su cargo." in read(client, LIST)


def test_filters_narrow_and_say_when_nothing_is_left(client, supervisor, manager, company):
    one = opened(supervisor, 1, company=company, title="La primera")
    two = opened(supervisor, 2, owner=manager, title="La segunda", kind="improvement")
    client.force_login(supervisor)
    for given, found, other in (
        ({"compania": company.name}, one, two),
        ({"responsable": manager.pk}, two, one),
        ({"tipo": "improvement"}, two, one),
        ({"q": "segunda"}, two, one),
        ({"q": company.name[:5]}, one, two),
    ):
        text = read(client, LIST, **given)
        assert found.title in text, given
        assert other.title not in text, given
    for given in ({"compania": "Nadie"}, {"responsable": "9" * 30}, {"q": "zzz"}, {"situacion": "closed"}):
        assert "Nada coincide" in read(client, LIST, **given)
    assert client.get(LIST, {"q": one.number}).url == page_of(one)
    for hostile in ("\x00", "%", "'", "x" * 5000, "AC" + "9" * 30, "AC" + "9" * 18):
        assert client.get(LIST, {"q": hostile}).status_code == 200


def test_pages_follow_one_another_by_their_dates(client, supervisor, monkeypatch):
    rows = [opened(supervisor, n, title=f"Acción {n}.") for n in range(1, 6)]
    monkeypatch.setattr(keyset, "PAGE", 2)
    monkeypatch.setattr(keyset.page_of, "__defaults__", (2,))
    client.force_login(supervisor)
    seen, address = [], LIST
    while address:
        text = read(client, address)
        seen += re.findall(r"Acción (\d)\.</a>", text)
        following = re.search(r'href="([^"]+)"[^>]*>\s*(?:<svg.*?</svg>)?\s*Siguientes', text)
        address = LIST + following[1].replace("&amp;", "&") if following else ""
    assert seen == [str(n) for n in range(1, len(rows) + 1)]


def test_the_list_costs_the_same_however_long(client, supervisor, manager, company):
    client.force_login(supervisor)

    def cost():
        with CaptureQueriesContext(connection) as asked:
            read(client, LIST)
        return len(asked.captured_queries)

    opened(supervisor, 1, company=company)
    read(client, LIST)
    one = cost()
    for n in (2, 3):
        progress.implement(opened(manager, n, company=company), by=manager, evidence="x")
    assert cost() == one == LIST_QUERIES


LIST_QUERIES = 6
"""Session, person, the page, people to choose from, the person's groups and the sidebar's counts."""


def test_the_page_costs_the_same_whatever_it_holds(client, action, supervisor, manager):
    client.force_login(supervisor)

    def cost():
        with CaptureQueriesContext(connection) as asked:
            read(client, page_of(action))
        return len(asked)

    read(client, page_of(action))
    one = cost()
    for n in range(4):
        progress.comment(action, by=manager, text=str(n), files=[SimpleUploadedFile("a.txt", b"a")])
    assert cost() == one


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_leaves_as_a_file(client, action, supervisor, form):
    CorrectiveAction.objects.update(title="=1+1")
    client.force_login(supervisor)
    answer = client.get(f"{LIST}exportar/", {"formato": form})
    body = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    assert f"acciones-correctivas.{form}" in answer["Content-Disposition"]
    if form == "csv":
        assert "'=1+1" in body.decode("utf-8-sig")
        assert action.number in body.decode("utf-8-sig")


def test_the_month_is_told_and_leaves_as_a_file(client, in_state, manager):
    row = in_state(ActionState.IMPLEMENTED)
    client.force_login(manager)
    text = read(client, MONTH)
    assert "Mejora de marzo de 2026" in text
    assert row.title in text
    assert "Ninguna acción en este mes" in read(client, MONTH, mes="2025-01")
    assert "No se sabe de qué compañía" in read(client, MONTH, compania="Nadie")
    for hostile in ("9999-99", "2026-13", "0000-01", "x", "²026-01", "2026-3"):
        assert "Mejora de marzo de 2026" in read(client, MONTH, mes=hostile)
    body = b"".join(client.get(f"{MONTH}exportar/", {"mes": "2026-03"}).streaming_content).decode("utf-8-sig")
    assert body.splitlines()[1].startswith(f"{row.number},Avisar antes,Queja,Grupo Alborada,Teresa Olvera Luna,Sí,")


def test_a_consultant_has_no_month_and_only_their_own(client, action, consultant, manager):
    client.force_login(consultant)
    assert client.get(MONTH).status_code == 403
    assert client.get(f"{MONTH}exportar/").status_code == 403
    assert client.get(page_of(action)).status_code == 404
    progress.reassign(action, by=manager, owner=consultant)
    assert action.title in read(client, LIST)
    assert client.get(page_of(action)).status_code == 200


def test_what_is_kept_from_somebody_is_nowhere_for_them(client, manager, director, supervisor, company, ticket):
    row = opened(director, company=company, ticket=ticket, kept_from=[manager], title="Título canario")
    progress.implement(row, by=supervisor, evidence="canario", files=[SimpleUploadedFile("canario.txt", b"canario")])
    file = row.files.get()
    run_deliveries()
    assert OutboundMessage.objects.filter(action=row, text__contains="canario").exists()
    client.force_login(manager)
    for address in (
        *(page_of(row), act_of(row, "comment"), f"{LIST}archivo/{file.pk}/"),
        *(f"{LIST}?vista=todas", f"{LIST}?vista=por-verificar", f"{LIST}?q=Título", f"{LIST}?q=QS000001"),
        *(f"{LIST}exportar/?vista=todas", MONTH, f"{MONTH}exportar/"),
        *("/admin/channels/outboundmessage/", "/admin/channels/outboundmessage/?q=acci%C3%B3n"),
        reverse("admin:tickets_ticket_change", args=[ticket.number]),
    ):
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"canario" not in body, address
        assert row.number.encode() not in body, address
    assert client.post(act_of(row, "comment"), {"version": row.version, "text": "x"}).status_code == 404
    client.force_login(director)
    assert "No la ven" in read(client, page_of(row))


def test_get_changes_nothing_and_what_is_not_an_act_is_not_there(client, action, supervisor):
    client.force_login(supervisor)
    for name in acts.ACTS:
        client.get(act_of(action, name))
    assert action.entries.count() == 1
    assert client.post(act_of(action, "nonsense")).status_code == 404
    assert client.get(f"{LIST}{10**30}/change/").status_code == 404
    assert client.post(LIST).status_code == 405


def test_the_rules_are_the_administrators(client, admin, supervisor):
    rule = OriginRule.objects.get(origin="promise")
    address = reverse("admin:improvements_originrule_change", args=[rule.pk])
    data = {"opens_itself": "on", "days": "20", "verify_days": "30", "remind_days": "3", "climb_days": "0"}
    client.force_login(supervisor)
    assert client.get(address).status_code == 200
    assert client.post(address, data).status_code == 403
    client.force_login(admin)
    assert "Escriba un número de días entre 1 y 90." in client.post(address, data).content.decode()
    assert client.post(address, {**data, "climb_days": "5"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.days, rule.climb_days, rule.joins) == (20, 5, False)
    assert client.get(reverse("admin:improvements_originrule_changelist") + "add/").status_code == 403


@pytest.mark.parametrize(
    ("who", "is_led"), [("supervisor", True), ("bpo", True), ("agent", False), ("consultant", False)]
)
def test_an_action_of_a_detractor_leads_to_the_answer_whoever_may_read_it(client, request, supervisor, who, is_led):
    person = request.getfixturevalue(who)
    row = register.open_for(
        "detractor", source_id=7, label="NPS 2026: Lucía", title="Hablar", problem="Un 3.", by=supervisor, owner=person
    )
    client.force_login(person)
    text = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "NPS 2026: Lucía" in text
    assert (reverse("admin:nps_answer", args=[7]) in text) is is_led
