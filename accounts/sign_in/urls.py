"""allauth's pages under addresses of ours, by the names that it looks for. What we don't use has none."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from accounts.sign_in import views

urlpatterns = [
    path("connexion/", account.login, name="login"),
    path("connexion/", account.login, name="account_login"),
    path("connexion/code/", factors.authenticate, name="mfa_authenticate"),
    path("connexion/cle/", login_not_required(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("connexion/ferme/", account.account_inactive, name="account_inactive"),
    path("deconnexion/", account.logout, name="logout"),
    path("deconnexion/", account.logout, name="account_logout"),
    path("compte/", views.security, name="account_security"),
    path("compte/ouvrir/", account.signup, name="account_signup"),  # says how accounts are opened
    path("compte/confirmer/", account.reauthenticate, name="account_reauthenticate"),
    path("compte/confirmer/code/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("compte/confirmer/cle/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("compte/adresse/", account.email, name="account_email"),
    path("compte/adresse/a-confirmer/", account.email_verification_sent, name="account_email_verification_sent"),
    path("compte/adresse/<str:key>/", account.confirm_email, name="account_confirm_email"),
    path("compte/mot-de-passe/", account.password_change, name="account_change_password"),
    path("compte/mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("compte/mot-de-passe/oublie/", account.password_reset, name="account_reset_password"),
    path("compte/mot-de-passe/oublie/envoye/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "compte/mot-de-passe/oublie/change/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path(
        "compte/mot-de-passe/oublie/<str:uidb36>-<str:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("compte/second-facteur/", views.SecondFactor.as_view(), name="mfa_index"),
    path("compte/second-facteur/application/", views.ActivateTOTP.as_view(), name="mfa_activate_totp"),
    path("compte/second-facteur/application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("compte/second-facteur/cles/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("compte/second-facteur/cles/ajouter/", views.AddWebAuthn.as_view(), name="mfa_add_webauthn"),
    path("compte/second-facteur/cles/<int:pk>/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("compte/second-facteur/cles/<int:pk>/retirer/", views.RemoveWebAuthn.as_view(), name="mfa_remove_webauthn"),
    path("compte/second-facteur/secours/", views.codes, name="recovery_codes"),
    path("compte/sessions/", usersessions.list_usersessions, name="usersessions_list"),
    path("compte/sessions/<int:pk>/", views.end_session, name="end_session"),
    path("compte/supprimer/", views.close, name="close_account"),
]
