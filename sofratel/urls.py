from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from sofratel.health import health

handler400 = "sofratel.errors.bad_request"
handler403 = "sofratel.errors.permission_denied"
handler404 = "sofratel.errors.page_not_found"
handler500 = "sofratel.errors.server_error"

urlpatterns = [
    path("", login_not_required(TemplateView.as_view(template_name="home.html")), name="home"),
    path("connexion/", LoginView.as_view(), name="login"),
    path("deconnexion/", LogoutView.as_view(), name="logout"),
    path("console/", include("callcenter.console.urls")),
    path("admin/", admin.site.urls),
    path("sante/", health, name="health"),
]
