"""Which address shows what?"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import include, path

from tocsin.console.pages import (
    accounts,
    acting,
    answering,
    blind,
    board,
    briefings,
    custody,
    desk,
    drills,
    enrolling,
    errors,
    grants,
    importing,
    incident,
    order_entry,
    orders,
    papers,
    people,
    phone,
    records,
    review,
    safeguards,
    seen,
    senders,
    sessions,
    sightings,
    sites,
    walks,
)

SIGN_IN = [
    path("sign-in", account.login, name="account_login"),
    path("sign-out", account.logout, name="account_logout"),
    path("account/inactive", account.account_inactive, name="account_inactive"),
    path("account/again", account.reauthenticate, name="account_reauthenticate"),
    path("account/password", account.password_change, name="account_change_password"),
    path("account/second", mfa.index, name="mfa_index"),
    path("account/second/code", mfa.authenticate, name="mfa_authenticate"),
    path("account/second/again", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second/set-up", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second/recovery", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/second/recovery/new",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    # Names that allauth's own code asks for; there is nothing behind them here.
    path("account/none/1", errors.unused, name="account_signup"),
    path("account/none/2", errors.unused, name="account_email"),
    path("account/none/3", errors.unused, name="account_reset_password"),
    path("account/none/4", errors.unused, name="mfa_deactivate_totp"),
    path("account/none/5", errors.unused, name="account_set_password"),
    path("account/none/6", errors.unused, name="mfa_download_recovery_codes"),
]

PAGES = [
    path("", board.board, name="board"),
    path("incidents/<uuid:incident_id>", incident.incident, name="incident"),
    path("incidents/<uuid:incident_id>/act", incident.act, name="act"),
    path(
        "incidents/<uuid:incident_id>/sightings/<uuid:sighting_id>", sightings.compare, name="compare"
    ),
    path("cases/<uuid:case_id>/sightings", sightings.case_sightings, name="case_sightings"),
    path("cases/<uuid:case_id>/told", sightings.who_was_told, name="who_was_told"),
    path("incidents/<uuid:incident_id>/export", records.export_one, name="export_incident"),
    path("walks/<uuid:walk_id>/left", acting.walk_left, name="walk_left"),
    path("walks", walks.walks, name="walks"),
    path("walks/missed", walks.missed, name="missed_looks"),
    path("walks/<uuid:hold_id>/look", walks.look_at, name="look_at"),
    path("walks/<uuid:hold_id>/met", walks.met, name="met_at_door"),
    path("walks/<uuid:hold_id>/explain", walks.explain, name="explain_look"),
    path("my-walks", walks.mine, name="my_walks"),
    path("my-walks/hold", walks.my_hold, name="my_hold"),
    path("my-walks/offer", walks.my_offer, name="my_offer"),
    path("people/<uuid:person_id>/walks", walks.offers, name="walk_offers"),
    path("unverified", acting.unverified, name="unverified"),
    path("drills", drills.drills, name="drills"),
    path("drills/<uuid:drill_id>", drills.drill, name="drill"),
    path("reachable", drills.reachable, name="reachable"),
    path("people", people.people, name="people"),
    path("people/new", people.edit, name="new_person"),
    path("people/<uuid:person_id>", people.person, name="person"),
    path("people/<uuid:person_id>/edit", people.edit, name="edit_person"),
    path("people/<uuid:person_id>/enrol", enrolling.enrol, name="enrol"),
    path(
        "people/<uuid:person_id>/contacts/<uuid:contact_id>/remove",
        people.remove_contact,
        name="remove_contact",
    ),
    path("devices/<uuid:device_id>/revoke", enrolling.revoke, name="revoke_device"),
    path("sites", sites.sites, name="sites"),
    path("sites/new", sites.edit, name="new_site"),
    path("sites/<uuid:site_id>", sites.site, name="site"),
    path("sites/<uuid:site_id>/edit", sites.edit, name="edit_site"),
    path("sites/<uuid:site_id>/policy", sites.policy, name="site_policy"),
    path(
        "sites/<uuid:site_id>/loosenings/<uuid:loosening_id>",
        sites.loosening,
        name="site_loosening",
    ),
    path("sites/<uuid:site_id>/roster", sites.roster, name="site_roster"),
    path("sites/<uuid:site_id>/parts", sites.part, name="site_part"),
    path("cases/<uuid:case_id>/custody", custody.custody, name="custody"),
    path("cases/<uuid:case_id>/custody/record", custody.record, name="record_custody"),
    path("cases/<uuid:case_id>/custody/notice", custody.notice, name="custody_notice"),
    path(
        "cases/<uuid:case_id>/custody/<uuid:fact_id>/take-back",
        custody.take_back,
        name="take_back_custody",
    ),
    path("cases/<uuid:case_id>/questions", review.review, name="review"),
    path("cases/<uuid:case_id>/questions/refuse", review.refuse, name="refuse_review"),
    path(
        "cases/<uuid:case_id>/questions/<uuid:review_id>/delete",
        review.delete,
        name="delete_review",
    ),
    path(
        "cases/<uuid:case_id>/questions/<str:code>/<str:version>", review.ask, name="ask_review"
    ),
    path("accounts/<str:about>/<uuid:about_id>", accounts.accounts, name="accounts"),
    path(
        "accounts/<str:about>/<uuid:about_id>/export", accounts.export, name="export_accounts"
    ),
    path("sees", blind.blind, name="blind"),
    path("desk", desk.desk, name="desk"),
    path("desk/report", desk.report, name="desk_report"),
    path("desk/<uuid:case_id>/photo", desk.photo, name="desk_photo"),
    path("import", importing.importing, name="import"),
    path("record", records.record, name="record"),
    path("record/export", records.export, name="export_record"),
    path("sessions", sessions.sessions, name="sessions"),
    path("senders", senders.senders, name="senders"),
    path("senders/new", senders.enrol, name="new_sender"),
    path("senders/<uuid:sender_id>", senders.sender, name="sender"),
    path("senders/<uuid:sender_id>/change", senders.change_sender, name="change_sender"),
    path("senders/<uuid:sender_id>/aside/<uuid:row_id>", senders.raw, name="sender_raw"),
    path("my-position", senders.own_tracker, name="own_tracker"),
    path("seen", seen.seen, name="seen"),
    path("seen/contact", seen.attempt, name="attempt"),
    path("visitors", seen.visitors, name="visitors"),
    path("tasks", safeguards.tasks, name="tasks"),
    path("tasks/<uuid:safeguard_id>/done", safeguards.task_done, name="task_done"),
    path("offers", safeguards.offers, name="offers"),
    path("offers/<uuid:safeguard_id>", safeguards.offer, name="offer"),
    path("cases/<uuid:case_id>/safeguards", safeguards.safeguards, name="safeguards"),
    path(
        "cases/<uuid:case_id>/safeguards/<uuid:safeguard_id>",
        safeguards.safeguard,
        name="safeguard",
    ),
    path("cases/<uuid:case_id>/release", safeguards.release, name="release"),
    path("briefings", briefings.briefings, name="briefings"),
    path("briefings/<uuid:case_id>", briefings.briefing, name="briefing"),
    path("briefings/<uuid:case_id>/photo", briefings.photo, name="briefing_photo"),
    path("briefings/<uuid:case_id>/card", briefings.card, name="door_card"),
    path("access", grants.access, name="access"),
    path("access/<uuid:grant_id>", grants.grant, name="grant"),
    path("cases/<uuid:case_id>/access", grants.case_access, name="case_access"),
    path("orders", orders.orders, name="orders"),
    path("orders/new", order_entry.new_order, name="new_order"),
    path("orders/drafts/<uuid:draft_id>/drop", order_entry.drop, name="drop_draft"),
    path("orders/reviews/<uuid:grant_id>", orders.take_on, name="take_on_review"),
    path("cases/<uuid:case_id>/orders", orders.case_orders, name="case_orders"),
    path("cases/<uuid:case_id>/orders/<uuid:order_id>/tell", orders.tell, name="tell_order"),
    path("cases/<uuid:case_id>/orders/<uuid:order_id>/review", orders.review, name="review_order"),
    path("cases/<uuid:case_id>/orders/<uuid:order_id>/paper", papers.add, name="add_paper"),
    path("cases/<uuid:case_id>/lower", orders.lower, name="lower_door"),
    path("cases/<uuid:case_id>/rules", orders.set_rule, name="set_rule"),
    path("cases/<uuid:case_id>/rules/<uuid:rule_id>", orders.rule, name="house_rule"),
    path("cases/<uuid:case_id>/papers/<uuid:paper_id>", papers.document, name="paper"),
    path("cases/<uuid:case_id>/papers/<uuid:paper_id>/mask", papers.mask, name="mask_paper"),
    path("cases/<uuid:case_id>/first-page", papers.first_page, name="first_page"),
]
# No sign-in: what proves the caller is in the request's body or header.
WITHOUT_SIGN_IN = [
    path("a", answering.answer, name="answer"),
    path("a/show", answering.answer_show, name="answer_show"),
    path("a/act", answering.answer_act, name="answer_act"),
    path("enrol", enrolling.enrol_phone, name="enrol_phone"),
    path("enrol/now", enrolling.enrol_now, name="enrol_now"),
    path("phone", phone.phone, name="phone"),
    path("phone/push", enrolling.phone_push, name="phone_push"),
]

# By name: pages and call-backs do not know each other.
CALL_BACKS = [path("api/v1/", include("tocsin.api.urls"))]

urlpatterns = [*SIGN_IN, *PAGES, *WITHOUT_SIGN_IN, *CALL_BACKS]

handler404 = errors.nothing_here
handler500 = errors.went_wrong
