from django.urls import path

from interventions.portal.views import account, consents, data, home, links, opening, subscription

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("lien/<str:token>/", links.open_link, name="open_link"),
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
