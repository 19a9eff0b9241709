from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from accounts.closing import end_sessions
from accounts.models import Person, PersonQuerySet, Phone, User
from accounts.opening import vouch_for_address
from privacy import journal
from privacy.journalled_admin import JournalledAdmin
from privacy.site import signed_in


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "full_name", "role"]
        field_classes: dict[str, type] = {}


@admin.register(User)
class UserAdmin(JournalledAdmin, DjangoUserAdmin):
    add_form = UserCreationForm
    list_display = ["email", "full_name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["email", "full_name"]
    ordering = ["email"]
    filter_horizontal = []
    fieldsets = [(None, {"fields": ["email", "full_name", "role", "person", "is_active", "password", "last_login"]})]
    add_fieldsets = [(None, {"fields": ["email", "full_name", "role", "usable_password", "password1", "password2"]})]
    readonly_fields = ["last_login"]
    raw_id_fields = ["person"]
    actions = ["remove_second_factor"]

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if isinstance(obj, User) and "email" in form.changed_data:
            vouch_for_address(obj)

    @admin.action(description="Retirer le second facteur (appareil perdu)", permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """The person enrols another one at their next sign-in; whoever holds an open session is out."""
        now = timezone.now()
        for user in users:
            Authenticator.objects.filter(user=user).delete()
            user.recovery_codes.all().delete()
            end_sessions(user)
            journal.record(user, action="factor_removed", by=signed_in(request), now=now)
        messages.success(request, "Second facteur retiré. Il sera demandé à la prochaine connexion.")


class PhoneInline(admin.TabularInline):
    model = Phone
    fields = ["number", "kind"]
    extra = 0


@admin.register(Person)
class PersonAdmin(JournalledAdmin):
    list_display = ["pk", "family_name", "given_name", "language"]
    search_fields = ["=pk", "name_key__startswith"]
    show_full_result_count = False
    exclude = ["created_at"]
    inlines = [PhoneInline]

    def get_queryset(self, request: HttpRequest) -> PersonQuerySet:
        return Person.objects.unrestricted().order_by(*self.get_ordering(request))
