"""The console's pages of the yearly NPS: who opens which, what they show, and what their buttons do."""

import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core import clock
from core.tasks import run_deliveries
from customers.models import Company
from servicedesk.seeding import improvements
from surveys.models import Campaign, NpsInvitation, NpsRecord
from surveys.nps_table import Line
from surveys.services import campaigns, nps, nps_history
from surveys.tests.nps_cast import CLOSES, OPENS, draft, passing, people, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
READERS = ("supervisor", "manager", "director", "admin", "service_delivery", "bpo")
RUNNERS = ("supervisor", "manager", "director", "admin")
PAGES = ("nps_results", "nps_campaigns", "nps_answers", "nps_detractors")
TYPED = {
    "name": "NPS de prueba", "year": "2026", "opens_on": OPENS.isoformat(), "closes_on": CLOSES.isoformat(),
    "audience": "all", "waves": "2", "wave_days": "7", "reminders": "1", "remind_days": "7",
}  # fmt: skip


@pytest.fixture
def campaign(supervisor, company, contract, outsider, requester) -> Campaign:
    """Running, with four answers: a promoter, a passive and two detractors."""
    improvements.rules()
    people(company, 6)
    row = running(supervisor, waves=2)
    passing(1.1)
    asked = NpsInvitation.objects.filter(wave=1).order_by("pk")
    for invitation, score in zip(asked, (10, 8, 3, 0), strict=True):
        nps.answer(invitation, score=score, why=f"Razón del {score}")
    run_deliveries()
    return row


@pytest.fixture
def record(company, service, manager):
    line = Line(2024, company.pk, company.name, service.pk, service.name, 20, 5, 3, 2)
    nps_history.store([line], by=manager, source="nps 2024.xlsx")


def enter(client, person):
    client.force_login(person)
    return client


def url(name: str, *args: int) -> str:
    return reverse(f"admin:{name}", args=args)


def body(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("who", READERS)
def test_who_reads_opens_every_page(client, who, request, campaign, record):
    enter(client, request.getfixturevalue(who))
    for name in PAGES:
        assert client.get(url(name)).status_code == 200, name
    assert client.get(url("nps_campaign", campaign.pk)).status_code == 200
    invitation = NpsInvitation.objects.filter(score=3).get()
    assert "Razón del 3" in body(client.get(url("nps_answer", invitation.pk)))
    assert 'href="/admin/nps/"' in body(client.get("/admin/nps/"))


@pytest.mark.parametrize("who", ["agent", "consultant", "other_consultant"])
def test_who_does_not_read_opens_none(client, who, request, campaign):
    enter(client, request.getfixturevalue(who))
    invitation = NpsInvitation.objects.filter(score=3).get()
    for path in (*map(url, PAGES), url("nps_campaign", campaign.pk), url("nps_answer", invitation.pk),
                 url("nps_answers_export"), url("nps_results_export"), url("nps_import")):  # fmt: skip
        assert client.get(path).status_code == 403, path
    assert "/admin/nps/" not in body(client.get("/admin/configuracion/"))


@pytest.mark.parametrize("who", ["service_delivery", "bpo", "agent"])
def test_only_runners_change_anything(client, who, request, campaign):
    enter(client, request.getfixturevalue(who))
    other = campaigns.draft(draft(name="Otra"), by=request.getfixturevalue("admin"))
    for name, data in (
        ("nps_campaign_add", TYPED),
        ("nps_campaign_edit", TYPED),
        ("nps_campaign_start", {"people": "0"}),
        ("nps_campaign_extend", {"closes_on": "2026-12-01"}),
        ("nps_campaign_close", {}),
        ("nps_campaign_cancel", {"reason": "No"}),
        ("nps_import", {}),
    ):
        args = () if name in ("nps_campaign_add", "nps_import") else (other.pk,)
        assert client.post(url(name, *args), data).status_code == 403, name
    assert [row.version for row in Campaign.objects.order_by("pk")] == [2, 1]


@pytest.mark.parametrize("who", RUNNERS)
def test_a_campaign_is_prepared_looked_at_and_started(client, who, request, requester, outsider):
    enter(client, request.getfixturevalue(who))
    assert "NPS 2026" in body(client.get(url("nps_campaign_add")))
    shown = body(client.post(url("nps_campaign_add"), {**TYPED, "act": "preview"}))
    assert "2 personas de 2 compañías" in shown
    assert "¿Cuán probable es que recomiende" in shown
    assert "¿Nos recomendaría? Una pregunta, una vez al año" in shown
    assert not Campaign.objects.exists()
    answer = client.post(url("nps_campaign_add"), TYPED)
    row = Campaign.objects.get()
    assert answer.url == url("nps_campaign", row.pk)
    assert "2 personas de 2 compañías" in body(client.get(answer.url))
    confirm = body(client.get(url("nps_campaign_start", row.pk)))
    assert "2 personas de 2 compañías" in confirm
    people(requester.valid_user.company, 1)
    changed = client.post(url("nps_campaign_start", row.pk), {"people": "2", "version": "1"})
    assert (changed.status_code, Campaign.objects.get().state) == (409, "draft")
    assert "3 personas" in body(changed)
    client.post(url("nps_campaign_start", row.pk), {"people": "3", "version": "1"})
    assert (Campaign.objects.get().state, NpsInvitation.objects.count()) == ("running", 3)


def test_a_wrong_draft_says_what_is_wrong_and_loses_nothing(client, supervisor, company):
    enter(client, supervisor)
    given = {**TYPED, "year": "dos mil", "closes_on": "ayer", "companies": [str(company.pk)], "name": "Mi nombre"}
    answer = client.post(url("nps_campaign_add"), given)
    page = body(answer)
    assert answer.status_code == 422
    assert "Escriba un número entero." in page
    assert "Elija un día." in page
    assert 'value="Mi nombre"' in page
    assert 'value="dos mil"' in page
    assert re.search(rf'value="{company.pk}"[^>]*checked', page)
    answer = client.post(url("nps_campaign_add"), {**TYPED, "closes_on": "2026-03-01"})
    assert "no puede ser anterior" in body(answer)


def test_a_draft_is_edited_once_at_a_time(client, supervisor, manager):
    row = campaigns.draft(draft(), by=supervisor)
    enter(client, manager)
    assert 'value="NPS 2026"' in body(client.get(url("nps_campaign_edit", row.pk)))
    client.post(url("nps_campaign_edit", row.pk), {**TYPED, "version": "1"})
    assert Campaign.objects.get().name == "NPS de prueba"
    stale = client.post(url("nps_campaign_edit", row.pk), {**TYPED, "name": "Tarde", "version": "1"})
    assert stale.status_code == 409
    assert 'value="Tarde"' in body(stale)


def test_a_running_one_shows_how_it_goes_and_is_extended_closed_and_cancelled(client, supervisor, campaign):
    enter(client, supervisor)
    address = url("nps_campaign", campaign.pk)
    page = body(client.get(address))
    assert "100 %" in page
    assert "4 respuestas de 4 invitados" in page
    assert "abre mañana" in page
    with clock.at(clock.now() + timedelta(days=1)):
        assert "cierra en 30 días" in body(client.get(address))
    with clock.at(clock.now() + timedelta(days=31)):
        assert "cierra hoy" in body(client.get(address))
    assert "de −" in page
    bad = client.post(url("nps_campaign_extend", campaign.pk), {"closes_on": "2026-03-12", "version": "2"})
    assert bad.status_code == 422
    assert "posterior al 10/04/2026" in body(bad)
    client.post(url("nps_campaign_extend", campaign.pk), {"closes_on": "2026-05-01", "version": "2"})
    assert Campaign.objects.get().closes_on.isoformat() == "2026-05-01"
    stale = client.post(url("nps_campaign_close", campaign.pk), {"version": "2"})
    assert stale.status_code == 409
    without = client.post(url("nps_campaign_cancel", campaign.pk), {"version": "3", "reason": " "})
    assert without.status_code == 422
    client.post(url("nps_campaign_close", campaign.pk), {"version": "3"})
    assert Campaign.objects.get().state == "closed"
    over = client.post(url("nps_campaign_cancel", campaign.pk), {"version": "4", "reason": "Tarde"})
    assert over.status_code == 409
    assert "Movió el cierre del" in body(client.get(address))


def test_get_never_changes_anything(client, supervisor, campaign):
    enter(client, supervisor)
    before = (Campaign.objects.get().version, NpsInvitation.objects.exclude(score=None).count())
    for name in ("extend", "close", "cancel"):
        assert client.get(url(f"nps_campaign_{name}", campaign.pk)).status_code == 405
    for path in (*map(url, PAGES), url("nps_campaign_add"), url("nps_import"), url("nps_campaign", campaign.pk)):
        client.get(path)
    assert (Campaign.objects.get().version, NpsInvitation.objects.exclude(score=None).count()) == before


def test_results_show_score_interval_and_how_many_answered(client, manager, campaign, record, company, service):
    enter(client, manager)
    page = body(client.get(url("nps_results")))
    for text in ("Por año", "Por compañía", "Por servicio", "Grupo Alborada", "2024", "2026", "+30", "de −19 a +65"):
        assert text in page, text
    only = body(client.get(f"{url('nps_results')}?ano=2024&compania={company.pk}&servicio={service.pk}"))
    assert "10 respuestas de 20 invitados" in only
    assert "Por compañía" not in only
    assert client.get(f"{url('nps_results')}?ano=x&compania=99999999999999999999&servicio=%00").status_code == 200
    nothing = body(client.get(f"{url('nps_results')}?ano=2024&servicio=0"))
    assert "Nadie fue invitado" in nothing


def test_results_leave_as_a_file(client, manager, campaign, record):
    enter(client, manager)
    answer = client.get(f"{url('nps_results_export')}?por=ano&formato=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Año,NPS,NPS exacto,Intervalo desde")
    assert lines[1].startswith("2026,-25,-25.0,")
    assert lines[2].startswith("2024,30,30.0,-19.1,65.2,10,5,3,2,20,50.0")
    book = client.get(f"{url('nps_results_export')}?por=servicio&formato=xlsx")
    assert b"".join(book.streaming_content)[:2] == b"PK"


def test_answers_are_searched_narrowed_and_exported(client, bpo, campaign, company):
    enter(client, bpo)
    address = url("nps_answers")
    assert body(client.get(address)).count("Razón del") == 4
    assert body(client.get(f"{address}?clase=detractor")).count("Razón del") == 2
    assert body(client.get(f"{address}?q=del+10")).count("Razón del") == 1
    assert "Nada coincide" in body(client.get(f"{address}?razon=no"))
    assert client.get(f"{address}?p=zzz&q=%00&ano=9").status_code == 200
    answer = client.get(f"{url('nps_answers_export')}?clase=promoter&formato=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert ",10,Promotor,Razón del 10," in lines[1]


def test_a_detractors_conversation_is_written_down_once(client, service_delivery, supervisor, campaign):
    enter(client, service_delivery)
    page = body(client.get(url("nps_detractors")))
    assert page.count("Registrar conversación") == 2
    assert len(re.findall(r">AC\d{6}<", page)) == 2
    assert "Teresa Olvera Luna" in page
    row = NpsInvitation.objects.get(score=0)
    assert f'href="mailto:{row.person.email}"' in body(client.get(url("nps_answer", row.pk)))
    empty = client.post(url("nps_answer", row.pk), {"note": " "})
    assert empty.status_code == 422
    client.post(url("nps_answer", row.pk), {"note": "Hablamos el viernes."})
    assert NpsInvitation.objects.get(score=0).looped_by == service_delivery
    again = client.post(url("nps_answer", row.pk), {"note": "Otra vez"})
    assert again.status_code == 409
    assert body(client.get(url("nps_detractors"))).count("Registrar conversación") == 1
    done = body(client.get(f"{url('nps_detractors')}?ver=hablados"))
    assert service_delivery.full_name in done


def test_who_only_reads_has_no_button_to_write_conversations(client, bpo, campaign):
    enter(client, bpo)
    assert "Registrar conversación" not in body(client.get(url("nps_detractors")))
    row = NpsInvitation.objects.get(score=0)
    assert client.post(url("nps_answer", row.pk), {"note": "Hola"}).status_code == 409
    assert NpsInvitation.objects.get(score=0).looped_at is None


@pytest.mark.parametrize("pk", [0, 999_999_999, 10**19])
def test_what_does_not_exist_is_not_found(client, manager, pk):
    enter(client, manager)
    assert client.get(f"/admin/nps/campanas/{pk}/").status_code == 404
    assert client.get(f"/admin/nps/respuestas/{pk}/").status_code == 404


# -- earlier years -----------------------------------------------------------------------------------------------------

COUNTS = "año,empresa,servicio,invitados,promotores,pasivos,detractores\n"


def upload(client, text: str, name: str = "nps.csv"):
    return client.post(url("nps_import"), {"file": SimpleUploadedFile(name, text.encode())})


def content_of(answer) -> str:
    return re.search(r'name="content" value="([^"]+)"', body(answer))[1]


def test_a_table_is_shown_first_and_stored_when_confirmed(client, admin, company):
    enter(client, admin)
    shown = upload(client, COUNTS + "2024,Grupo Alborada,,40,12,8,5\n")
    assert "+28" in body(shown)
    assert not NpsRecord.objects.exists()
    client.post(url("nps_import"), {"content": content_of(shown)})
    row = NpsRecord.objects.get()
    assert (row.source, row.imported_by, row.promoters) == ("nps.csv", admin, 12)
    assert "nps.csv" in body(client.get(url("nps_import")))


def test_every_fault_is_listed_and_nothing_is_stored(client, admin, company):
    enter(client, admin)
    answer = upload(client, COUNTS + "2024,Grupo Alvorada,,40,12,8,5\n\n2024,Grupo Alborada,,x,1,1,1\n")
    page = body(answer)
    assert answer.status_code == 422
    assert "¿Quiso decir «Grupo Alborada»?" in page
    assert re.search(r">2</th>.*?>4</th>", page, re.S)
    assert "confirmar" not in page
    for bad in ("", "a,b\n1,2\n"):
        assert upload(client, bad).status_code == 422
    assert client.post(url("nps_import"), {}).status_code == 422
    assert not NpsRecord.objects.exists()


def test_a_year_that_is_there_is_replaced_after_asking(client, admin, record, company):
    enter(client, admin)
    shown = upload(client, COUNTS + "2024,Grupo Alborada,,9,1,1,1\n")
    assert "ya tienen resultados" in body(shown)
    refused = client.post(url("nps_import"), {"content": content_of(shown)})
    assert refused.status_code == 422
    assert NpsRecord.objects.get().promoters == 5
    client.post(url("nps_import"), {"content": content_of(refused), "sure": "on"})
    assert NpsRecord.objects.get().promoters == 1


def test_a_confirmation_that_is_forged_old_or_anothers_stores_nothing(client, admin, manager, company):
    enter(client, admin)
    content = content_of(upload(client, COUNTS + "2024,Grupo Alborada,,9,1,1,1\n"))
    assert client.post(url("nps_import"), {"content": content[:-2]}).status_code == 409
    enter(client, manager)
    assert client.post(url("nps_import"), {"content": content}).status_code == 409
    assert not NpsRecord.objects.exists()


def test_the_templates_are_downloaded(client, admin):
    enter(client, admin)
    for form in ("respuestas", "conteos"):
        text = b"".join(client.get(f"{url('nps_template')}?forma={form}&formato=csv").streaming_content).decode()
        assert "año,empresa,servicio" in text
    book = client.get(f"{url('nps_template')}?forma=conteos&formato=xlsx")
    assert io.BytesIO(b"".join(book.streaming_content)).read(2) == b"PK"


# -- what pages cost ---------------------------------------------------------------------------------------------------

COSTS = {"nps_results": 19, "nps_campaigns": 6, "nps_answers": 11, "nps_detractors": 7}


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("name", COSTS)
def test_a_page_costs_the_same_with_few_and_with_many(
    client, manager, supervisor, campaign, record, name, many, django_assert_max_num_queries
):
    for number in range(many):
        company = Company.objects.create(name=f"Otra {number}")
        people(company, 2)
        row = running(supervisor, name=f"Campaña {number}", companies=[company.pk])
        passing(1.2)
        for invitation in row.invitations.all():
            nps.answer(invitation, score=2)
    run_deliveries()
    enter(client, manager)
    client.get(url(name))
    with clock.at(clock.now() + timedelta(days=2)), django_assert_max_num_queries(COSTS[name]) as counted:
        assert client.get(url(name)).status_code == 200
    assert len(counted) == COSTS[name]
