"""A stock list of the admin, as anybody would write it on the first day."""

from django.contrib import admin

from bench.limit.models import Ticket


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin):
    list_display = ("id", "subject", "status", "priority", "company", "created", "due")
    list_filter = ("status", "priority")
    search_fields = ("subject",)
    list_select_related = ("company",)
    list_per_page = 25
