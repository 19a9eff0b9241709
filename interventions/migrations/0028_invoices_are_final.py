from django.db import migrations

from privacy.append_only import append_only
from privacy.constraints import on_delete

# What was written before had a total and no lines.
ONE_LINE_EACH = """
INSERT INTO interventions_invoiceline
    (invoice_id, position, designation, quantity, unit, unit_price, vat, vat_percent, net)
SELECT id, 1, 'Prestation', 1, 'LS', total, 'exempt', 0, total FROM interventions_invoice
"""

# The end of the transaction that issues is when all of it must be there, and right. Credit notes of an invoice come to no
# more than it; so that the last can take back what is left to the cent, it may make up for what each was rounded by.
ADDS_UP = """
CREATE FUNCTION invoice_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    invoice interventions_invoice;
    lines record;
    corrected interventions_invoice;
    credits record;
    last interventions_invoice;
    wanted bigint := CASE TG_TABLE_NAME WHEN 'interventions_invoice' THEN NEW.id
                                        ELSE (to_jsonb(NEW) ->> 'invoice_id')::bigint END;
BEGIN
    SELECT * INTO invoice FROM interventions_invoice WHERE id = wanted;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(n), 0) AS n, coalesce(sum(net), 0) AS net, coalesce(sum(vat), 0) AS vat, count(*) AS rates
    INTO lines FROM (
        SELECT count(*) AS n, sum(net) AS net, round(sum(net) * vat_percent / 100, 2) AS vat
        FROM interventions_invoiceline WHERE invoice_id = invoice.id GROUP BY vat, vat_percent
    ) AS by_rate;
    SELECT * INTO corrected FROM interventions_invoice WHERE id = invoice.corrects_id;
    SELECT count(*) AS n, sum(net_total) AS net, sum(vat_total) AS vat INTO credits
    FROM interventions_invoice WHERE corrects_id = corrected.id;
    IF (lines.n, lines.net) IS DISTINCT FROM (invoice.line_count, invoice.net_total)
        OR abs(lines.vat - invoice.vat_total) > lines.rates * credits.n * 0.01 THEN
        RAISE EXCEPTION 'the lines of invoice % do not make its totals', invoice.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF credits.net > corrected.net_total OR credits.vat > corrected.vat_total THEN
        RAISE EXCEPTION 'the credit notes of invoice % exceed it', corrected.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_TABLE_NAME = 'interventions_invoice' AND invoice.sequence > 1 THEN
        SELECT * INTO last FROM interventions_invoice
        WHERE financial_year_id = invoice.financial_year_id AND series = invoice.series
            AND sequence = invoice.sequence - 1;
        IF NOT FOUND OR last.issued_on > invoice.issued_on OR last.issued_at > invoice.issued_at THEN
            RAISE EXCEPTION 'invoice % does not follow the last', invoice.number
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoice_adds_up AFTER INSERT ON interventions_invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoice_adds_up();
CREATE CONSTRAINT TRIGGER invoice_adds_up AFTER INSERT ON interventions_invoiceline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoice_adds_up();
"""

# Moving the end of a year would move the day on which its documents go.
YEAR_STAYS = """
CREATE FUNCTION financial_year_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM interventions_invoice WHERE financial_year_id = OLD.id) THEN
        RAISE EXCEPTION 'financial year % has invoices', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER financial_year_stays BEFORE UPDATE ON interventions_financialyear FOR EACH ROW
    WHEN ((OLD.starts_on, OLD.closes_on) IS DISTINCT FROM (NEW.starts_on, NEW.closes_on))
    EXECUTE FUNCTION financial_year_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("interventions", "0027_invoicing"), ("privacy", "0029_cutting")]

    operations = [
        migrations.RunSQL(ONE_LINE_EACH, migrations.RunSQL.noop),
        migrations.RunSQL(
            ADDS_UP,
            """
            DROP TRIGGER invoice_adds_up ON interventions_invoiceline;
            DROP TRIGGER invoice_adds_up ON interventions_invoice;
            DROP FUNCTION invoice_adds_up();
            """,
        ),
        migrations.RunSQL(
            YEAR_STAYS,
            """
            DROP TRIGGER financial_year_stays ON interventions_financialyear;
            DROP FUNCTION financial_year_stays();
            """,
        ),
        append_only("interventions_invoice", moves="person_id", cuts="person_id intervention_id corrects_id"),
        append_only("interventions_invoiceline"),
        append_only("interventions_invoicedocument"),
        append_only("interventions_payment"),
        on_delete("interventions_invoice", "corrects_id", "interventions_invoice", "SET NULL"),
        on_delete("interventions_invoiceline", "invoice_id", "interventions_invoice", "CASCADE"),
        on_delete("interventions_invoicedocument", "invoice_id", "interventions_invoice", "CASCADE"),
        on_delete("interventions_onlinepayment", "invoice_id", "interventions_invoice", "CASCADE"),
        on_delete("interventions_payment", "invoice_id", "interventions_invoice", "CASCADE"),
        on_delete("interventions_payment", "reverses_id", "interventions_payment", "CASCADE"),
        on_delete("interventions_payment", "online_id", "interventions_onlinepayment", "CASCADE"),
        on_delete("interventions_invoicereminder", "invoice_id", "interventions_invoice", "CASCADE"),
        on_delete("interventions_invoicedraft", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_invoicedraft", "corrects_id", "interventions_invoice", "CASCADE"),
        on_delete("interventions_draftline", "draft_id", "interventions_invoicedraft", "CASCADE"),
        on_delete("interventions_estimate", "intervention_id", "interventions_intervention", "CASCADE"),
        on_delete("interventions_estimateline", "estimate_id", "interventions_estimate", "CASCADE"),
    ]
