from django.urls import path

from callcenter.telephony import views

app_name = "telephony"

urlpatterns = [path("<str:token>/", views.call_event, name="call_event")]
