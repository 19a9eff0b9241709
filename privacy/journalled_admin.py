from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from privacy import journal
from privacy.site import signed_in


class JournalledAdmin(admin.ModelAdmin):
    """Tells the staff journal whose record is opened, listed, made, changed or deleted here: by number only."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        found = super().get_object(request, object_id, from_field)
        if request.method == "GET":
            journal.record_reads([found], by=signed_in(request), now=timezone.now())
        return found

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        listed = super().get_changelist_instance(request)
        now = timezone.now()
        journal.record_of_none(self.model, action="list", by=signed_in(request), now=now, found=listed.result_count)
        return listed

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "change" if change else "create"
        journal.record(obj, action=action, by=signed_in(request), now=timezone.now(), fields=form.changed_data)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        journal.record(obj, action="delete", by=signed_in(request), now=timezone.now())
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            journal.record(obj, action="delete", by=signed_in(request), now=timezone.now())
        super().delete_queryset(request, queryset)
