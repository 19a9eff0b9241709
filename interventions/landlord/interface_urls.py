from django.urls import path

from interventions.landlord.views import interfaces

app_name = "landlord_interfaces"

urlpatterns = [path("", interfaces.interfaces, name="interfaces")]
