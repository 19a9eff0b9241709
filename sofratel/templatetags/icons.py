import re
from functools import lru_cache

from django.conf import settings
from django.template import Library
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = Library()

SPRITE = "vendor/bootstrap-icons/sprite.svg"


@lru_cache
def icon_names() -> frozenset[str]:
    sprite = settings.BASE_DIR / "static" / SPRITE
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', sprite.read_text()))


@register.simple_tag
@lru_cache
def icon(name: str) -> SafeString:
    """A decorative icon: the word beside it carries the meaning. LookupError for a name that the sprite lacks."""
    if name not in icon_names():
        raise LookupError(f"The sprite has no icon {name!r}.")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static(SPRITE), name)
