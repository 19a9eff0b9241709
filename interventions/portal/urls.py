from django.urls import path

from interventions.portal.views import home, links

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("lien/<str:token>/", links.open_link, name="open_link"),
]
