from django.urls import path

from privacy.pages import views

app_name = "privacy"

urlpatterns = [
    path("", views.policy, name="policy"),
    path("<str:version>/", views.policy_version, name="policy_version"),
]
