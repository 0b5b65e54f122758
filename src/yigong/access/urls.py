"""Addresses of sign-in, accounts, consent, emergency access and the read log."""

from django.urls import path

from yigong.access.views import accounts, own, residents, signin

app_name = "access"
urlpatterns = [
    path("login/", signin.login, name="login"),
    path("login/code/", signin.code, name="code"),
    path("logout/", signin.logout, name="logout"),
    path("password/", own.password, name="password"),
    path("post/", own.posts, name="posts"),
    path("switch/", own.switch_post, name="switch_post"),
    path("security/", own.security, name="security"),
    path("security/sessions/end/", own.end_session, name="end_session"),
    path("security/codes/on/", own.codes_on, name="codes_on"),
    path("security/codes/off/", own.codes_off, name="codes_off"),
    path("my-reads/", own.my_reads, name="my_reads"),
    path("accounts/", accounts.listing, name="accounts"),
    path("accounts/new/", accounts.new, name="new_account"),
    path("accounts/staff/", accounts.staff_options, name="staff_options"),
    path("accounts/<uuid:account_id>/", accounts.detail, name="account"),
    path("accounts/<uuid:account_id>/reset/", accounts.reset, name="reset_password"),
    path("accounts/<uuid:account_id>/lock/", accounts.lock, name="lock_account"),
    path("roles/", accounts.roles, name="roles"),
    path("reads/<uuid:resident_id>/", residents.reads, name="reads"),
    path("consent/<uuid:resident_id>/", residents.consent, name="consent"),
    path("consent/<uuid:consent_id>/withdraw/", residents.withdraw, name="withdraw_consent"),
    path("emergency/", residents.emergencies, name="emergencies"),
    path("emergency/<uuid:resident_id>/", residents.emergency, name="emergency"),
    path("emergency/<uuid:emergency_id>/review/", residents.review, name="review_emergency"),
]
