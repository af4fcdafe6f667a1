"""Version 1. What is written here is never renamed, only added to."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from api.v1 import (
    attachments,
    description,
    escalations,
    events,
    messages,
    reference,
    sla,
    summary,
    tickets,
    transitions,
)


class Id(IntConverter):
    """A row's id; a number that no column can hold is no address."""

    regex = "[0-9]{1,18}"


register_converter(Id, "id")

urlpatterns = [
    path("tickets/", tickets.TicketList.as_view(), name="tickets"),
    path("tickets/<str:number>/", tickets.TicketDetail.as_view(), name="ticket"),
    path("tickets/<str:number>/transitions/", transitions.Transitions.as_view(), name="transitions"),
    path("tickets/<str:number>/messages/", messages.Messages.as_view(), name="messages"),
    path("tickets/<str:number>/attachments/", attachments.Attachments.as_view(), name="attachments"),
    path("tickets/<str:number>/events/", events.Events.as_view(), name="ticket-events"),
    path("tickets/<str:number>/sla/", sla.Clocks.as_view(), name="ticket-sla"),
    path("tickets/<str:number>/escalations/", escalations.Escalations.as_view(), name="escalations"),
    path("tickets/<str:number>/escalations/acknowledge/", escalations.Acknowledge.as_view(), name="acknowledge"),
    path("tickets/<str:number>/escalations/answer/", escalations.Answer.as_view(), name="answer"),
    path("escalation-matrix/", escalations.Matrix.as_view(), name="escalation-matrix"),
    path("sla/preview/", sla.Preview.as_view(), name="sla-preview"),
    path("sla/summary/", summary.Summary.as_view(), name="sla-summary"),
    path("attachments/<id:pk>/", attachments.Download.as_view(), name="download"),
    path("events/", events.Feed.as_view(), name="events"),
    path("me/", reference.Me.as_view(), name="me"),
    path("schema/", description.Schema.as_view(), name="schema"),
    path("docs/", description.Docs.as_view(), name="docs"),
]
for name, (listed, one) in reference.RESOURCES.items():
    urlpatterns += [
        path(f"{name}/", listed.as_view(), name=name),
        path(f"{name}/<id:pk>/", one.as_view(), name=f"{name}-one"),
    ]
