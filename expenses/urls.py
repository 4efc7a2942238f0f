"""Addresses of money: /money-back/ for whoever claims, /money/ for those who run it."""

from django.urls import URLPattern, path

from expenses.views import advances as advance_views
from expenses.views import (
    attendance,
    budget,
    claims,
    deciding,
    desk,
    for_another,
    own,
    policies,
    receipts,
    reports,
    statements,
    thanks,
    time_given,
    vouchers,
)
from expenses.views import bank as bank_views
from expenses.views import claiming as claiming_views
from expenses.views import paying as paying_views

app_name = "expenses"

#: Each part's own pages stand in a list of its own, so that they can be found.
claiming: list[URLPattern] = [
    path("money-back/", own.claim_list, name="claim_list"),
    path("money-back/new/", own.claim_begin, name="claim_begin"),
    path("money-back/<int:pk>/photo/", claiming_views.claim_photo, name="claim_photo"),
    path("money-back/<int:pk>/travel/", claiming_views.claim_travel, name="claim_travel"),
    path("money-back/<int:pk>/costs/", claiming_views.claim_costs, name="claim_costs"),
    path("money-back/<int:pk>/check/", claiming_views.claim_check, name="claim_check"),
    path("money-back/<int:pk>/sent/", claiming_views.claim_sent, name="claim_sent"),
    path("money-back/<int:pk>/edit/", claiming_views.claim_edit, name="claim_edit"),
    path("money-back/confirm/", for_another.claim_confirm, name="claim_confirm"),
    path("money-back/<int:pk>/", claims.claim_detail, name="claim_detail"),
    path("money-back/<int:pk>/right/", claims.claim_right, name="claim_right"),
    path("money-back/<int:pk>/answer/", claims.question_answer, name="question_answer"),
    path("money-back/<int:pk>/take-back/", claims.claim_withdraw, name="claim_withdraw"),
    path("money-back/<int:pk>/again/", claims.claim_appeal, name="claim_appeal"),
    path("money-back/<int:pk>/letter/", claims.claim_letter_again, name="claim_letter_again"),
]
attaching: list[URLPattern] = [
    path("money-back/receipts/<uuid:key>/", receipts.receipt_detail, name="receipt_detail"),
    path("money-back/receipts/<uuid:key>/remove/", receipts.receipt_remove, name="receipt_remove"),
]
running: list[URLPattern] = [
    path("money/", desk.money, name="money"),
    path("money/claims/", deciding.claims_to_decide, name="claims_to_decide"),
    path("money/claims/new/", for_another.claim_enter, name="claim_enter"),
    path(
        "money/claims/<int:pk>/phone/", for_another.claim_confirm_phone, name="claim_confirm_phone"
    ),
    path("money/letters/", for_another.code_letters, name="code_letters"),
    path("money/letters.pdf", for_another.code_letters_pdf, name="code_letters_pdf"),
    path("money/letters/posted/", for_another.code_letters_posted, name="code_letters_posted"),
    path("money/claims/approve/", deciding.claims_approve, name="claims_approve"),
    path("money/claims/<int:pk>/", deciding.claim_decide, name="claim_decide"),
    path("money/claims/<int:pk>/approve/", deciding.claim_approve, name="claim_approve"),
    path("money/claims/<int:pk>/ask/", deciding.claim_ask, name="claim_ask"),
    path("money/claims/<int:pk>/decline/", deciding.claim_decline, name="claim_decline"),
    path("money/claims/<int:pk>/late/", deciding.claim_accept_late, name="claim_accept_late"),
    path("money/claims/<int:pk>/no/", deciding.claim_refuse_appeal, name="claim_refuse_appeal"),
    path("money/claims/<int:pk>/<int:line>/", deciding.line_heading, name="line_heading"),
    path("money/attendance/", attendance.attendance_list, name="attendance_list"),
    path("money/attendance/<int:pk>/", attendance.attendance_answer, name="attendance_answer"),
]
planning: list[URLPattern] = [
    path("money-back/time/", time_given.time_own, name="time_own"),
    path("money-back/time/<int:pk>/take-back/", time_given.time_take_back, name="time_take_back"),
    path("money-back/statement/", statements.statement_list, name="statement_list"),
    path("money-back/statement/<int:year>/", statements.statement, name="statement"),
    path(
        "money-back/statement/<int:year>/statement.pdf",
        statements.statement_pdf,
        name="statement_pdf",
    ),
    path("money/budget/", budget.budget, name="budget"),
    path("money/budget/headings/usual/", budget.heading_usual, name="heading_usual"),
    path("money/budget/headings/new/", budget.heading_add, name="heading_add"),
    path("money/budget/headings/<int:pk>/", budget.heading_edit, name="heading_edit"),
    path("money/budget/headings/<int:pk>/end/", budget.heading_end, name="heading_end"),
    path("money/budget/spending/new/", budget.spending_add, name="spending_add"),
    path("money/budget/spending/<int:pk>/paid/", budget.spending_pay, name="spending_pay"),
    path(
        "money/budget/spending/<int:pk>/take-back/",
        budget.spending_take_back,
        name="spending_take_back",
    ),
    path("money/budget/<int:year>/", budget.budget, name="budget_year"),
    path("money/budget/<int:year>/put/", budget.heading_put, name="heading_put"),
    path("money/budget/<int:year>/spending/", budget.spending_list, name="spending_list"),
    path("money/budget/<int:year>/<int:pk>/", budget.allocation_set, name="allocation_set"),
    path("money/time/", time_given.time_add, name="time_add"),
    path("money/report/", reports.money_report, name="money_report"),
    path("money/report/report.pdf", reports.money_report_pdf, name="money_report_pdf"),
    path("money/report/report.csv", reports.money_report_csv, name="money_report_csv"),
    path("money/statements/", statements.statement_people, name="statement_people"),
    path(
        "money/statements/<str:public_id>/<int:year>/",
        statements.statement_of_person,
        name="statement_of_person",
    ),
    path("money/totals/", reports.totals, name="totals"),
]
rating: list[URLPattern] = [
    path("money/rates/", policies.policy_list, name="policy_list"),
    path("money/rates/new/", policies.policy_begin, name="policy_begin"),
    path("money/rates/<int:pk>/", policies.policy_detail, name="policy_detail"),
    path("money/rates/<int:pk>/change/", policies.policy_edit, name="policy_edit"),
    path("money/rates/<int:pk>/propose/", policies.policy_propose, name="policy_propose"),
    path("money/rates/<int:pk>/confirm/", policies.policy_confirm, name="policy_confirm"),
    path("money/rates/<int:pk>/return/", policies.policy_return, name="policy_return"),
    path("money/rates/<int:pk>/throw-away/", policies.policy_drop, name="policy_drop"),
    path("money-back/miles/", policies.miles_declare, name="miles_declare"),
]
thanking: list[URLPattern] = [
    path("money-back/thanks/", thanks.thanks_own, name="thanks_own"),
    path("money-back/thanks/<int:pk>/", thanks.thanks_answer, name="thanks_answer"),
    path("money-back/thanks/<int:pk>/before/", thanks.thanks_pause, name="thanks_pause"),
    path("money-back/benefits-letter/", thanks.benefits_letter, name="benefits_letter"),
    path("money/thanks/", thanks.thanks_list, name="thanks_list"),
    path("money/thanks/offer/", thanks.thanks_offer, name="thanks_offer"),
    path(
        "money/thanks/offer/<slug:slug>/", thanks.thanks_offer_meeting, name="thanks_offer_meeting"
    ),
    path("money/thanks/<int:pk>/", thanks.thanks_note, name="thanks_note"),
    path("money/thanks/<int:pk>/take-back/", thanks.thanks_withdraw, name="thanks_withdraw"),
    path("money/thanks/<int:pk>/hand-over/", vouchers.thanks_hand_over, name="thanks_hand_over"),
    path("money/thanks/<int:pk>/back/", vouchers.thanks_back, name="thanks_back"),
    path(
        "money/benefits-letter/<str:public_id>/",
        thanks.benefits_letter_for,
        name="benefits_letter_for",
    ),
    path("money/vouchers/", vouchers.voucher_list, name="voucher_list"),
    path("money/vouchers/buy/", vouchers.voucher_buy, name="voucher_buy"),
    path("money/vouchers/ledger.csv", vouchers.voucher_csv, name="voucher_csv"),
    path("money/vouchers/<int:pk>/", vouchers.voucher_batch, name="voucher_batch"),
    path("money/vouchers/<int:pk>/undo/", vouchers.voucher_undo, name="voucher_undo"),
    path("money/vouchers/<int:pk>/lost/", vouchers.voucher_write_off, name="voucher_write_off"),
]
settling: list[URLPattern] = [
    path("money-back/bank/", bank_views.bank_details, name="bank_details"),
    path("money-back/bank/change/", bank_views.bank_change, name="bank_change"),
    path("money-back/bank/remove/", bank_views.bank_remove, name="bank_remove"),
    path("money/bank/<slug:public_id>/", bank_views.bank_view, name="bank_view"),
    path("money/bank/<slug:public_id>/enter/", bank_views.bank_enter, name="bank_enter"),
    path("money/runs/", paying_views.run_list, name="run_list"),
    path("money/runs/make/", paying_views.run_make, name="run_make"),
    path("money/runs/<int:pk>/", paying_views.run_detail, name="run_detail"),
    path("money/runs/<int:pk>/file/", paying_views.run_csv, name="run_csv"),
    path("money/runs/<int:pk>/paid/", paying_views.run_pay, name="run_pay"),
    path("money/runs/<int:pk>/cancel/", paying_views.run_cancel, name="run_cancel"),
    path("money/payments/<int:pk>/back/", paying_views.payment_back, name="payment_back"),
    path("money-back/advance/", advance_views.advance_ask, name="advance_ask"),
    path(
        "money-back/advance/<int:pk>/take-back/",
        advance_views.advance_withdraw,
        name="advance_withdraw",
    ),
    path("money/advances/", advance_views.advance_list, name="advance_list"),
    path("money/advances/new/", advance_views.advance_enter, name="advance_enter"),
    path("money/advances/<int:pk>/", advance_views.advance_decide, name="advance_decide"),
    path("money/advances/<int:pk>/back/", advance_views.advance_return, name="advance_return"),
]
urlpatterns = [*planning, *claiming, *rating, *attaching, *settling, *running, *thanking]
