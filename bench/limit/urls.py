"""Create with two child rows, a keyset list of 25, retrieve and patch: straight generic views."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from rest_framework import generics, pagination, serializers

from bench.limit.models import Event, Ticket


class TicketSerializer(serializers.ModelSerializer):
    class Meta:
        model = Ticket
        fields = [
            "id", "company", "number", "subject", "status", "priority", "requester", "assignee", "created", "due",
        ]  # fmt: skip
        read_only_fields = ["created", "due", "number"]


class Pages(pagination.CursorPagination):
    page_size = 25
    ordering = ("-created", "-id")


class TicketList(generics.ListCreateAPIView):
    serializer_class = TicketSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Ticket]:
        return Ticket.objects.filter(company=1, status=1)

    def perform_create(self, serializer: Any) -> None:
        at = timezone.now()
        with transaction.atomic():
            ticket = serializer.save(created=at, due=at)
            Event.objects.bulk_create([Event(ticket=ticket, at=at, kind=kind) for kind in ("created", "sla")])


class TicketDetail(generics.RetrieveUpdateAPIView):
    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer


urlpatterns = [
    path("tickets/", TicketList.as_view()),
    path("tickets/<int:pk>/", TicketDetail.as_view()),
    path("admin/", admin.site.urls),
]
