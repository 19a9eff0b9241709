from django.urls import path

from interventions.landlord.api import views

app_name = "landlord_api"

urlpatterns = [
    path("openapi.json", views.document, name="document"),
    path("interventions", views.all_interventions, name="interventions"),
    path("interventions/<int:pk>", views.one_intervention, name="intervention"),
    path("residences", views.all_residences, name="residences"),
    path("figures", views.figures, name="figures"),
    path("<path:path>", views.nothing, name="nothing"),
]
