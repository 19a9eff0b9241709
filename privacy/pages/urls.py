from django.urls import path

from privacy.pages import letters, packages, recipients, views

app_name = "privacy"

urlpatterns = [
    path("", views.policy, name="policy"),
    path("portabilite.schema.json", packages.portability_schema, name="portability_schema"),
    path("copie/<str:token>/", packages.package, name="package"),
    path("lettre/<str:token>/", letters.letter, name="letter"),
    path("destinataire/<str:token>/", recipients.recipient_notice, name="recipient_notice"),
    path("<str:version>/", views.policy_version, name="policy_version"),
]
