"""«Quejas: panorama»: what the complaints and suggestions of some months add up to. It changes nothing.

Queries, whatever their number: the person and session, the sidebar, the chosen company and the names to choose from, and three sums.
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import Role, role_has_perm
from console import companies, panorama
from console.views.pages import draw, person
from core import clock, words
from surveys import voice_figures


def may_see(actor: User) -> bool:
    """Whoever reads the register but consultants, who read only what they wrote down."""
    return actor.is_desk and actor.role != Role.CONSULTANT and role_has_perm(actor.role, "surveys.view_voice")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    actor, now = person(request), clock.now()
    if not may_see(actor):
        raise PermissionDenied
    form = panorama.PanoramaForm(request.GET, actor=actor)
    since = voice_figures.begins(now, form.months)
    links = panorama.Links(form)
    found = None
    # Without the company that was meant, any number would be of others.
    if not form.errors:
        company = form.company.pk if form.company else None
        found = voice_figures.of(actor, since=since, at=now, company=company)
    return draw(
        request,
        "voice_panorama.html",
        title="Quejas: panorama",
        crumbs=[
            {"label": "Registro de Quejas", "href": reverse("admin:surveys_voice_changelist")},
            {"label": "Panorama"},
        ],
        form=form,
        names=companies.company_names(actor),
        since=words.long_date(since.date(), year=True),
        found=found,
        stats=panorama.stats(found, links) if found else [],
        times=panorama.times(found) if found else [],
        charts=panorama.charts(found, links, by_company=form.company is None) if found else [],
        list_url=links.of(),
        clear_url=f"?meses={form.months}",
        now=now,
    )
