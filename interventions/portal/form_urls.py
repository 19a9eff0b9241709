from django.urls import path

from interventions.portal.views import strangers

app_name = "rights_form"

urlpatterns = [
    path("", strangers.all_rights, name="rights"),
    path("code/", strangers.code, name="code"),
    path("envoyee/", strangers.sent, name="sent"),
    path("<slug:right>/", strangers.right, name="right"),
]
