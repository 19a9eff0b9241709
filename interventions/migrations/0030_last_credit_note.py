from django.db import migrations

# As before, but for two things: all credit notes of an invoice come to no more than the invoice; and so that the last
# can come to what is left to the cent, what each was rounded by may be made up for, at most a cent for each of them.
ADDS_UP = """
CREATE OR REPLACE FUNCTION invoice_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("interventions", "0029_reminder_rules")]

    operations = [migrations.RunSQL(ADDS_UP, migrations.RunSQL.noop)]
