from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Every form of the product, written `{{ form }}` or `{{ form.phone.as_field_group }}`."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
