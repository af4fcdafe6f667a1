"""Moments are shown in the viewer's own zone."""

from datetime import timedelta

import pytest
from django.test import Client

from core import clock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "shown"), [("America/Mexico_City", "10:00"), ("America/Tijuana", "9:00"), ("Europe/Madrid", "17:00")]
)
def test_the_same_moment_reads_differently_in_mexico_city_tijuana_and_madrid(zone, shown, ticket, requester, now):
    requester.time_zone = zone
    requester.save()
    client = Client()
    client.force_login(requester)
    with clock.at(now + timedelta(minutes=10)):
        body = client.get(f"/asuntos/{ticket.number}/").content.decode()
    assert f"hoy {shown}" in body or f", {shown}" in body
