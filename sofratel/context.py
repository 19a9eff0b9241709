from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo_mode": settings.DEMO,
        "company_name": settings.COMPANY_NAME,
        "emergency_phone": settings.EMERGENCY_PHONE,
        "now": timezone.now(),
    }
