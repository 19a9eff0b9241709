from django.urls import path

from privacy.navigation import views

app_name = "cookies"

urlpatterns = [
    path("", views.settings, name="settings"),
    path("choix/", views.answer, name="answer"),
]
