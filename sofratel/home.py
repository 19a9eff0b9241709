from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.models import User
from accounts.roles import DOORS
from privacy.models import PolicyVersion

NEWS = timedelta(days=30)


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Anyone's first page; who is signed in and has a door of their own is led to it."""
    user = request.user
    if not isinstance(user, User):
        return render(request, "home.html")
    if user.role in DOORS:
        return redirect(DOORS[user.role])
    return render(request, "home.html", {"new_policy": policy_changed_for(user)})


def policy_changed_for(user: User) -> PolicyVersion | None:
    """The version in force, while it is news to somebody who had an account under an earlier one."""
    current = PolicyVersion.objects.current()
    if current is None or PolicyVersion.objects.count() == 1:
        return None
    is_news = user.date_joined < current.kept_at and timezone.now() - current.kept_at < NEWS
    return current if is_news else None
