from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from privacy.pages.mailbox import mailbox
from sofratel.health import health
from sofratel.home import home

handler400 = "sofratel.errors.bad_request"
handler403 = "sofratel.errors.permission_denied"
handler404 = "sofratel.errors.page_not_found"
handler429 = "accounts.sign_in.throttling.too_many_requests"
handler500 = "sofratel.errors.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("", include("accounts.sign_in.urls")),
    path("langue/", login_not_required(set_language), name="set_language"),
    path("portail/", include("interventions.portal.urls")),
    path("bailleur/", include("interventions.landlord.urls")),
    path("bailleur/", include("callcenter.landlord.urls")),
    path("bailleur/logiciels/", include("interventions.landlord.interface_urls")),
    path("api/bailleur/v1/", include("interventions.landlord.api.urls")),
    path("console/", include("callcenter.console.urls")),
    path("p/", include("interventions.provider.urls")),
    path("hotel/", include("interventions.hotel.urls")),
    path("cti/", include("callcenter.telephony.urls")),
    path("paiement/", include("interventions.invoicing.online_urls")),
    path("admin/", admin.site.urls),
    path("confidentialite/droits/", include("interventions.portal.form_urls")),
    path("confidentialite/", include("privacy.pages.urls")),
    path("cookies/", include("privacy.navigation.urls")),
    path("sante/", health, name="health"),
    path("favicon.ico", login_not_required(RedirectView.as_view(url=f"{settings.STATIC_URL}favicon.svg"))),
]

if settings.DEMO:
    urlpatterns.append(path("boite/", mailbox, name="mailbox"))
