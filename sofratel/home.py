from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.roles import DOORS


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Anyone's first page; who is signed in and has a door of their own is led to it."""
    if request.user.is_authenticated and request.user.role in DOORS:
        return redirect(DOORS[request.user.role])
    return render(request, "home.html")
