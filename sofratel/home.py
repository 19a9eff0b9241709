from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import User
from accounts.roles import DOORS


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Anyone's first page; who is signed in and has a door of their own is led to it."""
    user = request.user
    if isinstance(user, User) and user.role in DOORS:
        return redirect(DOORS[user.role])
    return render(request, "home.html")
