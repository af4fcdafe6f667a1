"""The console's sidebar: the queues with their counts, and the configuration that the person's role may see."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from console import action_queues, queues, voice_queues
from console.views import improvement_month, levels, surveys, voice_panorama
from surveys import nps_policy

CONFIGURATION = (
    ("Clientes", "domain", (("customers", "company"), ("customers", "contract"), ("customers", "validuser"))),
    (
        "Servicio",
        "tune",
        (
            ("customers", "serviceterms"),
            ("customers", "calendar"),
            ("sla", "recalculation"),
            ("customers", "service"),
            ("tickets", "catalogcategory"),
            ("tickets", "catalogitem"),
            ("improvements", "originrule"),
        ),
    ),
    ("Escalamiento", "stairs", (("escalation", "matrix"), ("escalation", "contact"))),
    ("Personas", "badge", (("accounts", "user"), ("accounts", "supportgroup"))),
    (
        "Operación",
        "monitor_heart",
        (("core", "alarm"), ("channels", "outboundmessage"), ("core", "delivery"), ("sla", "clockaudit")),
    ),
)
ICONS = {
    "company": "domain",
    "contract": "contract",
    "validuser": "verified_user",
    "serviceterms": "gavel",
    "calendar": "calendar_month",
    "recalculation": "published_with_changes",
    "service": "deployed_code",
    "catalogcategory": "category",
    "catalogitem": "menu_book",
    "matrix": "stairs",
    "contact": "contact_phone",
    "originrule": "rule",
    "questionnaire": "quiz",
    "surveylimits": "speed",
    "user": "badge",
    "supportgroup": "groups",
    "alarm": "notifications_active",
    "clockaudit": "fact_check",
    "outboundmessage": "outgoing_mail",
    "delivery": "sync_problem",
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the sidebar. Costs one query, whatever there is to count.

    All but the queues fold; a folded one bears the count of what is late in it.
    """
    sections: list[dict[str, Any]] = [
        {"title": "Colas", "items": _queues(request)},
        _folded("Quejas y sugerencias", _voices(request)),
        _folded("Mejora continua", _actions(request)),
        _folded("Encuestas", [*_surveys(request), *_nps(request)]),
        _folded("Niveles de servicio", _levels(request)),
    ]
    for title, _, models in CONFIGURATION:
        items = [item for app, model in models if (item := _section(request, app, model))]
        if items:
            sections.append(_folded(title, items))
    everything = {"title": "Todas las secciones", "icon": "settings", "link": reverse("admin:configuration")}
    sections.append({"title": "", "items": [{**everything, "active": request.path == everything["link"]}]})
    return sections


def _folded(title: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """A section that folds, with the count of its first late queue beside its name."""
    late = next((item for item in items if item.get("tone") == "bad" and item.get("badge")), {})
    return {"title": title, "items": items, "folds": True, "badge": late.get("badge", ""), "tone": late.get("tone", "")}


def _queues(request: HttpRequest) -> list[dict[str, Any]]:
    numbers = queues.counts_for(request)
    here = request.GET.get("cola", "") or getattr(request, "_queue", "")
    address = reverse("admin:tickets_ticket_changelist")
    return [
        {
            "title": queue.label,
            "icon": queue.icon,
            "link": f"{address}?cola={queue.key}",
            "active": request.path.startswith(address) and here == queue.key,
            "badge": queues.words(numbers[queue.key]) if numbers.get(queue.key) else "",
            "tone": queue.tone,
        }
        for queue in queues.QUEUES.values()
    ]


def _voices(request: HttpRequest) -> list[dict[str, Any]]:
    """The queues of the register of complaints, counted with those of the tickets, and what it adds up to."""
    numbers = queues.counts_for(request)
    address, panorama = reverse("admin:surveys_voice_changelist"), reverse("admin:surveys_voice_panorama")
    here = getattr(request, "_voice_queue", "")
    items = [
        {
            "title": queue.label,
            "icon": queue.icon,
            "link": f"{address}?cola={queue.key}",
            "active": request.path == address and here == queue.key,
            "badge": queues.words(number) if (number := numbers.get(f"{queues.VOICES}{queue.key}")) else "",
            "tone": queue.tone,
        }
        for queue in voice_queues.QUEUES.values()
    ]
    if isinstance(request.user, User) and voice_panorama.may_see(request.user):
        items.append({"title": "Panorama", "icon": "bar_chart", "link": panorama, "active": request.path == panorama})
    return items


def _actions(request: HttpRequest) -> list[dict[str, Any]]:
    """The views of the register of corrective actions, counted with the queues, and what the month adds up to."""
    if not isinstance(request.user, User):
        return []
    numbers = queues.counts_for(request)
    address, month = reverse("admin:improvements_correctiveaction_changelist"), reverse("admin:improvements_month")
    here = getattr(request, "_action_view", "")
    items = [
        {
            "title": view.label,
            "icon": view.icon,
            "link": f"{address}?vista={view.key}",
            "active": request.path == address and here == view.key,
            "badge": queues.words(number) if (number := numbers.get(f"{queues.ACTIONS}{view.key}")) else "",
            "tone": view.tone,
        }
        for view in action_queues.views_for(request.user)
    ]
    if improvement_month.may_see(request.user):
        items.append({"title": "Mejora del mes", "icon": "insights", "link": month, "active": request.path == month})
    return items


def _surveys(request: HttpRequest) -> list[dict[str, Any]]:
    """What customers answer when their tickets close, for those who may read it, and what is asked of them."""
    if not (isinstance(request.user, User) and surveys.may_see(request.user)):
        return []
    pages = (("surveys_results", "Resultados", "grade"), ("surveys_survey_changelist", "Respuestas", "reviews"))
    items = [
        {
            "title": title,
            "icon": icon,
            "link": reverse(f"admin:{name}"),
            "active": request.path == reverse(f"admin:{name}"),
        }
        for name, title, icon in pages
    ]
    written = (_section(request, "surveys", model) for model in ("questionnaire", "surveylimits"))
    return [*items, *(item for item in written if item)]


def _nps(request: HttpRequest) -> list[dict[str, Any]]:
    """The yearly question; its sections are tabs of its own pages."""
    if not (isinstance(request.user, User) and nps_policy.may_read(request.user)):
        return []
    address = reverse("admin:nps_results")
    return [{"title": "NPS", "icon": "thumbs_up_down", "link": address, "active": request.path.startswith(address)}]


def _levels(request: HttpRequest) -> list[dict[str, Any]]:
    """The board, for those who may read it, and the simulator, for the whole desk."""
    pages = [("sla_simulator", "¿Qué pasaría si…?", "calculate")]
    if isinstance(request.user, User) and levels.may_see(request.user):
        pages.insert(0, ("sla_board", "Tablero", "monitoring"))
    return [
        {
            "title": title,
            "icon": icon,
            "link": reverse(f"admin:{name}"),
            "active": request.path == reverse(f"admin:{name}"),
        }
        for name, title, icon in pages
    ]


def _section(request: HttpRequest, app: str, model: str) -> dict[str, Any] | None:
    """A configuration table that is registered and that the person may see."""
    from django.apps import apps
    from django.contrib import admin

    if not apps.is_installed(app) or model not in apps.all_models[app]:
        return None
    cls = apps.get_model(app, model)
    registered = admin.site.get_model_admin(cls) if admin.site.is_registered(cls) else None
    if registered is None or not registered.has_view_permission(request):
        return None
    try:
        address = reverse(f"admin:{app}_{model}_changelist")
    except NoReverseMatch:
        return None
    return {
        "title": str(cls._meta.verbose_name_plural).capitalize(),
        "icon": ICONS.get(model, "tune"),
        "link": address,
        "active": request.path.startswith(address),
    }
