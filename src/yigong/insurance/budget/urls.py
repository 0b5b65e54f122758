"""Addresses of the budget."""

from django.urls import path

from yigong.insurance.budget.views import clearing, paying, use, whatif, year_end

app_name = "budget"
urlpatterns = [
    path("", use.overview, name="overview"),
    path("breakdown/", use.breakdown, name="breakdown"),
    path("close-month/", use.close_month, name="close_month"),
    path("packages/", use.package_list, name="packages"),
    path("packages/<uuid:package_id>/", use.package, name="package"),
    path("filed/", use.filed, name="filed"),
    path("weights/", paying.weight_sets, name="weights"),
    path("weights/methods/", paying.methods, name="methods"),
    path("weights/<uuid:set_id>/", paying.weight_set, name="weight_set"),
    path("statements/", paying.statements, name="statements"),
    path("statements/calculate/", paying.calculate, name="calculate"),
    path("statements/<uuid:statement_id>/", paying.statement, name="statement"),
    path("statements/<uuid:statement_id>/print/", paying.print_statement, name="print_statement"),
    path("indicators/", paying.drg, name="indicators"),
    path("cases/", paying.cases, name="cases"),
    path("cases/<uuid:case_id>/", paying.case, name="case"),
    path("cases/<uuid:case_id>/special/", paying.ask_special, name="ask_special"),
    path("specials/", paying.specials, name="specials"),
    path("specials/<uuid:request_id>/", paying.special, name="special"),
    path("appraisals/", clearing.appraisals, name="appraisals"),
    path("appraisals/<uuid:appraisal_id>/", clearing.appraisal, name="appraisal"),
    path("clearing/", clearing.clearing, name="clearing"),
    path("clearing/preview/", clearing.what_would_be, name="preview"),
    path("clearing/<uuid:clearing_id>/", clearing.cleared, name="cleared"),
    path("clearing/<uuid:clearing_id>/print/", clearing.print_clearing, name="print_clearing"),
    path("year-end/", year_end.year_ends, name="year_ends"),
    path("year-end/<uuid:close_id>/", year_end.closed, name="year_end"),
    path("year-end/<uuid:close_id>/print/", year_end.print_closed, name="print_year_end"),
    path("what-if/", whatif.what_ifs, name="what_ifs"),
    path("what-if/<uuid:what_if_id>/", whatif.what_if, name="what_if"),
    path("what-if/<uuid:what_if_id>/sheet/", whatif.what_if_sheet, name="what_if_sheet"),
]
