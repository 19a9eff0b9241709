from django.urls import path

from interventions.landlord.views import exports, figures, home, interventions, invoices, reports, residences

app_name = "landlord"

urlpatterns = [
    path("", home.home, name="home"),
    path("interventions/", interventions.all_interventions, name="interventions"),
    path("interventions/export.csv", exports.interventions_csv, name="interventions_csv"),
    path("interventions/export.xlsx", exports.interventions_xlsx, name="interventions_xlsx"),
    path("interventions/<int:pk>/", interventions.intervention, name="intervention"),
    path("interventions/<int:pk>/personne/", interventions.need_person, name="need_person"),
    path("residences/", residences.all_residences, name="residences"),
    path("chiffres/", figures.figures, name="figures"),
    path("chiffres/export.csv", exports.figures_csv, name="figures_csv"),
    path("chiffres/export.xlsx", exports.figures_xlsx, name="figures_xlsx"),
    path("factures/", invoices.all_invoices, name="invoices"),
    path("factures/export.csv", invoices.invoices_csv, name="invoices_csv"),
    path("factures/<int:pk>/pdf/", invoices.invoice_pdf, name="invoice_pdf"),
    path("rapports/", reports.all_reports, name="reports"),
    path("rapports/<int:pk>/", reports.report, name="report"),
    path("rapports/<int:pk>/pdf/", reports.report_pdf, name="report_pdf"),
    path("rapports/<int:pk>/csv/", reports.report_csv, name="report_csv"),
]
