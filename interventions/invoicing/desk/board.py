"""What accounting sees on arriving: what waits, what is owed, and since when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.models import User
from interventions.invoicing import online, to_bill
from interventions.invoicing.desk.estimates import in_state
from interventions.invoicing.desk.reminders import to_post
from interventions.invoicing.estimating import EstimateState
from interventions.invoicing.payments import Bucket, ageing
from interventions.models import Estimate, FinancialYear, Invoice, InvoiceDraft, InvoiceReminder
from privacy.retention.due import paris_day

A_MONTH = timedelta(days=31)


@dataclass(frozen=True)
class Bar:
    """One age of what is owed, beside the largest of them. `share` in per cent."""

    rank: int
    bucket: Bucket
    share: int


@dataclass(frozen=True)
class Board:
    to_bill: int
    drafts: int
    to_post: int
    to_check: int
    offered: int
    accepted: int
    bars: list[Bar]
    no_year_from: date | None

    @property
    def owed(self) -> Decimal:
        return sum((bar.bucket.amount for bar in self.bars), Decimal(0))

    @property
    def owing(self) -> int:
        return sum(bar.bucket.count for bar in self.bars)

    @property
    def late(self) -> Decimal:
        return sum((bar.bucket.amount for bar in self.bars[1:]), Decimal(0))

    @property
    def late_count(self) -> int:
        return sum(bar.bucket.count for bar in self.bars[1:])


def board(user: User, *, now: datetime) -> Board:
    today = paris_day(now)
    visible = Invoice.objects.visible_to(user, now=now)
    buckets = ageing(on=today, among=visible)
    most = max(bucket.amount for bucket in buckets) or Decimal(1)
    return Board(
        to_bill=to_bill.charged(to_bill.unbilled(now=now)).count(),
        drafts=InvoiceDraft.objects.count(),
        to_post=to_post(InvoiceReminder.objects.filter(invoice__in=visible)).count(),
        to_check=online.to_check(visible.with_balance()).count(),
        offered=Estimate.objects.filter(in_state(EstimateState.WAITING, on=today)).count(),
        accepted=to_bill.with_accepted_estimate(to_bill.unbilled(now=now)).count(),
        bars=[Bar(rank, bucket, round(100 * bucket.amount / most)) for rank, bucket in enumerate(buckets)],
        no_year_from=no_year_from(today),
    )


def no_year_from(today: date) -> date | None:
    """The day from which nothing can be issued, where that is less than a month away."""
    year = FinancialYear.objects.of(today)
    if year is None:
        return today
    after = year.closes_on + timedelta(days=1)
    return after if after - today <= A_MONTH and FinancialYear.objects.of(after) is None else None
