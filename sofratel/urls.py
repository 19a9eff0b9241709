from django.urls import path

from sofratel.health import health

urlpatterns = [
    path("sante/", health, name="health"),
]
