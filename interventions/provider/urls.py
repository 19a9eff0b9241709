from django.urls import path

from interventions.provider.views import job

app_name = "provider"

urlpatterns = [path("<str:token>/", job, name="job")]
