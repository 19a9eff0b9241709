from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from accounts.models import Person, Phone, User
from privacy.journalled_admin import JournalledAdmin


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
    autocomplete_fields = ["person"]


class PhoneInline(admin.TabularInline):
    model = Phone
    fields = ["number", "kind"]
    extra = 0


@admin.register(Person)
class PersonAdmin(JournalledAdmin):
    list_display = ["pk", "family_name", "given_name", "language"]
    search_fields = ["=pk", "name_key__startswith"]
    show_full_result_count = False
    inlines = [PhoneInline]
