"""The API's addresses. Everything under `/api/` answers problem+json, also what is not there."""

from django.urls import include, path, re_path

from api.v1 import urls as v1
from api.v1.nowhere import Nowhere

urlpatterns = [
    path("v1/", include((v1.urlpatterns, "api"))),
    re_path(r"^", Nowhere.as_view()),
]
