from django.db import models


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def current(self) -> "PolicyVersion | None":
        """The one in force: the latest published."""
        return self.order_by("-published_on", "-pk").first()


class PolicyVersion(models.Model):
    """The policy as it was published: its page and the SHA-256 of it. The database refuses to change one."""

    version = models.CharField("version", max_length=20, unique=True)
    published_on = models.DateField("en vigueur depuis le")
    kept_at = models.DateTimeField("conservée le")
    page = models.TextField("page")
    sha256 = models.CharField("SHA-256", max_length=64)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version de la politique"
        verbose_name_plural = "versions de la politique"

    def __str__(self) -> str:
        return f"politique {self.version}"
