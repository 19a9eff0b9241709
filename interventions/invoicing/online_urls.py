from django.urls import path

from interventions.invoicing import online_views

app_name = "online_payments"

urlpatterns = [path("stripe/", online_views.online_payment_event, name="online_payment_event")]
