from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig

# What libraries would show there, and nobody's work needs: factors, sessions and their addresses, groups of rights.
NOT_SHOWN = ("auth.Group", "account.EmailAddress", "mfa.Authenticator", "usersessions.UserSession")


class AdminConfig(DjangoAdminConfig):
    default_site = "privacy.site.DataProtectionSite"

    def ready(self) -> None:
        super().ready()
        admin.site.unregister([apps.get_model(label) for label in NOT_SHOWN])
