from django.urls import path

from interventions.provider import views

app_name = "provider"

urlpatterns = [
    path("<str:token>/", views.job, name="job"),
    path("depense/<str:token>/", views.spending, name="spending"),
    path("effacement/<str:token>/", views.deletion, name="deletion"),
]
