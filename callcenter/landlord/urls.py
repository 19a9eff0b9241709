from datetime import date

from django.urls import path, register_converter

from callcenter.landlord import views

app_name = "landlord_mornings"


class DayConverter:
    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(DayConverter, "day")

urlpatterns = [
    path("rapports/matin/", views.all_reports, name="reports"),
    path("rapports/<day:day>/", views.report, name="report"),
    path("rapports/<day:day>/pdf/", views.report_pdf, name="report_pdf"),
    path("rapports/<day:day>/csv/", views.report_csv, name="report_csv"),
    path("rapports/<day:day>/tout/", views.acknowledge_all, name="acknowledge_all"),
    path("rapports/<day:day>/lignes/<int:pk>/", views.acknowledge, name="acknowledge"),
]
