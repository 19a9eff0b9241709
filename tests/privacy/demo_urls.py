"""The demonstration's addresses, for a test that runs in test mode."""

from django.urls import path

from privacy.pages.mailbox import mailbox
from sofratel import urls

urlpatterns = [*urls.urlpatterns, path("boite/", mailbox, name="mailbox")]
