"""The site, and beside it the barest page of as many rows: signed in, one query, a plain template."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from interventions.models import Intervention


def bare(request: HttpRequest, rows: int) -> HttpResponse:
    interventions = Intervention.objects.select_related("residence").order_by("-pk")[:rows]
    return render(request, "bench/bare.html", {"user": request.user, "interventions": interventions})


urlpatterns = [
    path("bench/<int:rows>/", bare, name="bare"),
    path("", include("sofratel.urls")),
]
