from django.urls import path

from interventions.hotel import views

app_name = "hotel"

urlpatterns = [path("<str:token>/", views.stay, name="stay")]
