from django.urls import path

from interventions.portal.views import account, consents, data, home, links, opening, photos, reports, subscription

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("lien/", links.ask_link, name="ask_link"),
    path("lien/demande/", links.link_asked, name="link_asked"),
    path("lien/<str:token>/", links.open_link, name="open_link"),
    path("signaler/", reports.report, name="report"),
    path("signaler/<int:pk>/precisions/", reports.details, name="report_details"),
    path("signaler/<int:pk>/photos/", photos.add_photos, name="add_photos"),
    path("signaler/<int:pk>/urgence/", reports.emergency, name="report_emergency"),
    path("signaler/<int:pk>/orientation/", reports.not_ours, name="report_not_ours"),
    path("signaler/<int:pk>/envoi/", reports.summary, name="report_summary"),
    path("signaler/<int:pk>/envoyee/", reports.sent, name="report_sent"),
    path("signaler/<int:pk>/jeter/", reports.discard, name="discard_report"),
    path("signaler/<int:pk>/<slug:step>/", reports.step, name="report_step"),
    path("photos/<int:pk>/", photos.photo, {"thumbnail": False}, name="photo"),
    path("photos/<int:pk>/vignette/", photos.photo, {"thumbnail": True}, name="thumbnail"),
    path("ouvrir/", opening.start, name="open_account"),
    path("ouvrir/code/", opening.code, name="opening_code"),
    path("ouvrir/connexion/", opening.login, name="opening_login"),
    path("compte/", account.account, name="account"),
    path("compte/joindre/", account.reach, name="reach"),
    path("compte/telephone/", account.change_phone, name="change_phone"),
    path("compte/telephone/<int:pk>/effacer/", account.remove_phone, name="remove_phone"),
    path("compte/adresse/", account.change_email, name="change_email"),
    path("compte/code/", account.confirm_contact, name="confirm_contact"),
    path("abonnement/", subscription.all_subscriptions, name="subscriptions"),
    path("abonnement/<int:pk>/", subscription.subscribe, name="subscribe"),
    path("abonnement/<int:pk>/piece/", subscription.identity, name="identity"),
    path("abonnement/<int:pk>/fin/", subscription.unsubscribe, name="unsubscribe"),
    path("accords/", consents.all_consents, name="consents"),
    path("accords/<slug:purpose>/", consents.answer, name="consent"),
    path("mes-donnees/", data.all_data, name="data"),
    path("mes-donnees/<str:name>/", data.dataset, name="dataset"),
]
