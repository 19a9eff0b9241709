import datetime

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import interventions.models.invoices
from django.conf import settings
from django.db import migrations, models


# What was written before: one address on one line, one total, numbers in the order of their dates.
PARTS_OF_THE_ADDRESS = r"""
UPDATE interventions_invoice AS invoice SET
    billed_street = left(regexp_replace(billed_street, ',\s*[0-9]{5}\s.*$', ''), 200),
    billed_postcode = coalesce(substring(billed_street from '([0-9]{5})\s[^,]*$'), '00000'),
    billed_city = coalesce(substring(billed_street from '[0-9]{5}\s+([^,]*)$'), '-'),
    sequence = ranked.sequence, issued_at = issued_on, supplied_on = issued_on, due_on = issued_on + 30,
    net_total = total, vat_total = 0
FROM (
    SELECT id, row_number() OVER (PARTITION BY financial_year_id ORDER BY issued_on, number) AS sequence
    FROM interventions_invoice
) AS ranked
WHERE ranked.id = invoice.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_addresses'),
        ('interventions', '0026_hotel_cascades'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountingExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fec', 'Fichier des écritures comptables (FEC)'), ('csv', 'Liste des factures et paiements (CSV)'), ('zip', 'Toutes les factures en PDF (ZIP)')], max_length=3, verbose_name='sorte')),
                ('asked_at', models.DateTimeField(verbose_name='demandée le')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='pièces traitées')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='pièces en tout')),
                ('failure', models.CharField(blank=True, choices=[('', '—'), ('disk_full', 'Le disque est plein. Elle reprend dès qu’il y a de la place.'), ('error', 'Une erreur l’a interrompue. Un autre essai suit.')], default='', max_length=20, verbose_name='échec')),
                ('built_at', models.DateTimeField(blank=True, null=True, verbose_name='prête le')),
                ('file', models.FileField(blank=True, upload_to='accounting', verbose_name='fichier chiffré')),
                ('wrapped_key', models.BinaryField(blank=True, null=True, verbose_name='clé chiffrée')),
                ('size', models.PositiveBigIntegerField(default=0, help_text='En octets, en clair.', verbose_name='taille')),
            ],
            options={
                'verbose_name': 'export comptable',
                'verbose_name_plural': 'exports comptables',
                'ordering': ['-asked_at'],
            },
        ),
        migrations.CreateModel(
            name='ArchiveOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('tax_audit', 'Contrôle fiscal ou social'), ('auditor', 'Commissaire aux comptes, expert-comptable'), ('dispute', 'Contestation ou recouvrement'), ('client', 'Demande du client')], max_length=20, verbose_name='raison')),
                ('opened_at', models.DateTimeField(verbose_name='ouverte le')),
            ],
            options={
                'verbose_name': 'ouverture d’archive',
                'verbose_name_plural': 'ouvertures d’archives',
                'ordering': ['-opened_at'],
            },
        ),
        migrations.CreateModel(
            name='DraftLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='rang')),
                ('designation', models.CharField(max_length=200, verbose_name='désignation')),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=9, verbose_name='quantité')),
                ('unit', models.CharField(choices=[('C62', 'unité'), ('LS', 'forfait'), ('HUR', 'heure'), ('DAY', 'jour'), ('MTR', 'mètre'), ('MTK', 'm²'), ('KMT', 'km')], default='C62', max_length=3, verbose_name='unité')),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=10, validators=[django.core.validators.MinValueValidator(0)], verbose_name='prix unitaire HT')),
                ('vat', models.CharField(choices=[('normal', '20\xa0%'), ('intermediate', '10\xa0% (travaux dans un logement de plus de deux ans)'), ('reduced', '5,5\xa0% (rénovation énergétique d’un logement de plus de deux ans)'), ('exempt', 'Exonéré'), ('reverse_charge', 'Autoliquidation par le client')], default='normal', max_length=14, verbose_name='TVA')),
            ],
            options={
                'verbose_name': 'ligne de brouillon',
                'verbose_name_plural': 'lignes de brouillon',
                'ordering': ['position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Estimate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('billed_name', models.CharField(max_length=200, verbose_name='nom')),
                ('billed_street', models.CharField(max_length=200, verbose_name='adresse')),
                ('billed_postcode', models.CharField(max_length=12, verbose_name='code postal')),
                ('billed_city', models.CharField(max_length=100, verbose_name='commune')),
                ('billed_country', models.CharField(default='FR', help_text='Deux lettres : FR, BE, LU…', max_length=2, verbose_name='pays')),
                ('billed_siren', models.CharField(blank=True, max_length=9, validators=[django.core.validators.RegexValidator('^[0-9]{9}\\Z', 'Un SIREN a 9 chiffres.')], verbose_name='SIREN')),
                ('billed_vat_number', models.CharField(blank=True, max_length=15, validators=[django.core.validators.RegexValidator('^[A-Z]{2}[0-9A-Z]{2,13}\\Z', 'Un numéro de TVA commence par le pays, sans espace\xa0: FR12345678901.')], verbose_name='numéro de TVA')),
                ('prepared_at', models.DateTimeField(verbose_name='préparé le')),
                ('offered_at', models.DateTimeField(blank=True, null=True, verbose_name='proposé le')),
                ('valid_until', models.DateField(verbose_name='valable jusqu’au')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='répondu le')),
                ('accepted', models.BooleanField(blank=True, null=True, verbose_name='accepté')),
                ('attested_at', models.DateTimeField(blank=True, null=True, verbose_name='logement de plus de deux ans certifié le')),
            ],
            options={
                'verbose_name': 'devis',
                'verbose_name_plural': 'devis',
                'ordering': ['-prepared_at'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EstimateLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='rang')),
                ('designation', models.CharField(max_length=200, verbose_name='désignation')),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=9, verbose_name='quantité')),
                ('unit', models.CharField(choices=[('C62', 'unité'), ('LS', 'forfait'), ('HUR', 'heure'), ('DAY', 'jour'), ('MTR', 'mètre'), ('MTK', 'm²'), ('KMT', 'km')], default='C62', max_length=3, verbose_name='unité')),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=10, validators=[django.core.validators.MinValueValidator(0)], verbose_name='prix unitaire HT')),
                ('vat', models.CharField(choices=[('normal', '20\xa0%'), ('intermediate', '10\xa0% (travaux dans un logement de plus de deux ans)'), ('reduced', '5,5\xa0% (rénovation énergétique d’un logement de plus de deux ans)'), ('exempt', 'Exonéré'), ('reverse_charge', 'Autoliquidation par le client')], default='normal', max_length=14, verbose_name='TVA')),
            ],
            options={
                'verbose_name': 'ligne de devis',
                'verbose_name_plural': 'lignes de devis',
                'ordering': ['position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='InvoiceDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(upload_to='invoices', verbose_name='fichier chiffré')),
                ('wrapped_key', models.BinaryField(verbose_name='clé chiffrée')),
                ('sha256', models.CharField(max_length=64, verbose_name='empreinte')),
                ('size', models.PositiveIntegerField(help_text='En octets, en clair.', verbose_name='taille')),
                ('made_at', models.DateTimeField(verbose_name='fait le')),
            ],
            options={
                'verbose_name': 'document de facture',
                'verbose_name_plural': 'documents de facture',
            },
        ),
        migrations.CreateModel(
            name='InvoiceDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('billed_name', models.CharField(max_length=200, verbose_name='nom')),
                ('billed_street', models.CharField(max_length=200, verbose_name='adresse')),
                ('billed_postcode', models.CharField(max_length=12, verbose_name='code postal')),
                ('billed_city', models.CharField(max_length=100, verbose_name='commune')),
                ('billed_country', models.CharField(default='FR', help_text='Deux lettres : FR, BE, LU…', max_length=2, verbose_name='pays')),
                ('billed_siren', models.CharField(blank=True, max_length=9, validators=[django.core.validators.RegexValidator('^[0-9]{9}\\Z', 'Un SIREN a 9 chiffres.')], verbose_name='SIREN')),
                ('billed_vat_number', models.CharField(blank=True, max_length=15, validators=[django.core.validators.RegexValidator('^[A-Z]{2}[0-9A-Z]{2,13}\\Z', 'Un numéro de TVA commence par le pays, sans espace\xa0: FR12345678901.')], verbose_name='numéro de TVA')),
                ('reason', models.CharField(blank=True, choices=[('error', 'Erreur sur la facture'), ('cancelled', 'Prestation annulée'), ('goodwill', 'Geste commercial'), ('dispute', 'Contestation fondée')], max_length=10, verbose_name='raison de l’avoir')),
                ('supplied_on', models.DateField(verbose_name='date de la prestation')),
                ('purchase_order', models.CharField(blank=True, max_length=40, verbose_name='bon de commande ou engagement')),
                ('buyer_reference', models.CharField(blank=True, max_length=40, verbose_name='référence du service')),
                ('attested_on', models.DateField(blank=True, help_text='Pour un taux réduit : le jour où le client a certifié que le logement a plus de deux ans.', null=True, verbose_name='attestation de TVA du')),
                ('prepared_at', models.DateTimeField(verbose_name='préparée le')),
            ],
            options={
                'verbose_name': 'brouillon de facture',
                'verbose_name_plural': 'brouillons de facture',
                'ordering': ['-prepared_at'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='InvoiceLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='rang')),
                ('designation', models.CharField(max_length=200, verbose_name='désignation')),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=9, verbose_name='quantité')),
                ('unit', models.CharField(choices=[('C62', 'unité'), ('LS', 'forfait'), ('HUR', 'heure'), ('DAY', 'jour'), ('MTR', 'mètre'), ('MTK', 'm²'), ('KMT', 'km')], default='C62', max_length=3, verbose_name='unité')),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=10, validators=[django.core.validators.MinValueValidator(0)], verbose_name='prix unitaire HT')),
                ('vat', models.CharField(choices=[('normal', '20\xa0%'), ('intermediate', '10\xa0% (travaux dans un logement de plus de deux ans)'), ('reduced', '5,5\xa0% (rénovation énergétique d’un logement de plus de deux ans)'), ('exempt', 'Exonéré'), ('reverse_charge', 'Autoliquidation par le client')], default='normal', max_length=14, verbose_name='TVA')),
                ('vat_percent', models.DecimalField(decimal_places=2, max_digits=4, verbose_name='taux de TVA (%)')),
                ('net', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='montant HT')),
            ],
            options={
                'verbose_name': 'ligne de facture',
                'verbose_name_plural': 'lignes de facture',
                'ordering': ['position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='InvoiceReminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tone', models.CharField(choices=[('friendly', 'Rappel'), ('firm', 'Relance'), ('last', 'Mise en demeure')], max_length=10, verbose_name='ton')),
                ('after_working_days', models.PositiveSmallIntegerField(verbose_name='jours ouvrés après la facture')),
                ('reminded_at', models.DateTimeField(verbose_name='relancée le')),
                ('by_post', models.BooleanField(verbose_name='à poster')),
            ],
            options={
                'verbose_name': 'relance',
                'ordering': ['reminded_at'],
            },
        ),
        migrations.CreateModel(
            name='OnlinePayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='montant')),
                ('session', models.CharField(blank=True, max_length=255, null=True, unique=True, verbose_name='session du prestataire de paiement')),
                ('state', models.CharField(choices=[('open', 'En cours'), ('paid', 'Payé'), ('expired', 'Abandonné')], default='open', max_length=10, verbose_name='état')),
                ('opened_at', models.DateTimeField(verbose_name='ouvert le')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='terminé le')),
            ],
            options={
                'verbose_name': 'paiement en ligne',
                'verbose_name_plural': 'paiements en ligne',
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(choices=[('cash', 'Espèces'), ('transfer', 'Virement'), ('card', 'Carte, au terminal'), ('cheque', 'Chèque'), ('online', 'Carte, en ligne')], max_length=10, verbose_name='moyen')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='montant')),
                ('received_on', models.DateField(verbose_name='reçu le')),
                ('reference', models.CharField(blank=True, help_text='N° de chèque ou de virement.', max_length=40, verbose_name='référence')),
                ('noted_at', models.DateTimeField(verbose_name='noté le')),
            ],
            options={
                'verbose_name': 'paiement',
                'ordering': ['received_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ReminderRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('after_working_days', models.PositiveSmallIntegerField(unique=True, verbose_name='jours ouvrés après la facture')),
                ('tone', models.CharField(choices=[('friendly', 'Rappel'), ('firm', 'Relance'), ('last', 'Mise en demeure')], max_length=10, verbose_name='ton')),
            ],
            options={
                'verbose_name': 'règle de relance',
                'verbose_name_plural': 'règles de relance',
                'ordering': ['after_working_days'],
            },
        ),
        migrations.AlterModelOptions(
            name='invoice',
            options={'ordering': ['-issued_on', '-financial_year', 'series', '-sequence'], 'verbose_name': 'facture'},
        ),
        migrations.RenameField(model_name='invoice', old_name='billed_address', new_name='billed_street'),
        migrations.AddField(
            model_name='invoice',
            name='attested_on',
            field=models.DateField(blank=True, null=True, verbose_name='attestation de TVA du'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='billed_city',
            field=models.CharField(default='', max_length=100, verbose_name='commune'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='billed_country',
            field=models.CharField(default='FR', help_text='Deux lettres : FR, BE, LU…', max_length=2, verbose_name='pays'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='billed_postcode',
            field=models.CharField(default='', max_length=12, verbose_name='code postal'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='billed_siren',
            field=models.CharField(blank=True, max_length=9, validators=[django.core.validators.RegexValidator('^[0-9]{9}\\Z', 'Un SIREN a 9 chiffres.')], verbose_name='SIREN'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='billed_vat_number',
            field=models.CharField(blank=True, max_length=15, validators=[django.core.validators.RegexValidator('^[A-Z]{2}[0-9A-Z]{2,13}\\Z', 'Un numéro de TVA commence par le pays, sans espace\xa0: FR12345678901.')], verbose_name='numéro de TVA'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='buyer_reference',
            field=models.CharField(blank=True, max_length=40, verbose_name='référence du service'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='corrected_number',
            field=models.CharField(blank=True, max_length=30, verbose_name='numéro de la facture corrigée'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='corrected_on',
            field=models.DateField(blank=True, null=True, verbose_name='date de la facture corrigée'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='corrects',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='credits', to='interventions.invoice', verbose_name='facture corrigée'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='due_on',
            field=models.DateField(default=datetime.date(2000, 1, 1), verbose_name='à payer avant le'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='issued_at',
            field=models.DateTimeField(default=datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC), verbose_name='émise le'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='issued_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='émise par'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='line_count',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='nombre de lignes'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='net_total',
            field=models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='total HT'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='purchase_order',
            field=models.CharField(blank=True, max_length=40, verbose_name='bon de commande ou engagement'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='reason',
            field=models.CharField(blank=True, choices=[('error', 'Erreur sur la facture'), ('cancelled', 'Prestation annulée'), ('goodwill', 'Geste commercial'), ('dispute', 'Contestation fondée')], max_length=10, verbose_name='raison de l’avoir'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='seller',
            field=models.JSONField(default=dict, help_text='Tel qu’il était ce jour-là.', verbose_name='émetteur'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='sequence',
            field=models.PositiveIntegerField(default=1, verbose_name='rang dans la série'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='series',
            field=models.CharField(choices=[('F', 'Facture'), ('A', 'Avoir')], default='F', max_length=1, verbose_name='série'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='supplied_on',
            field=models.DateField(default=datetime.date(2000, 1, 1), verbose_name='date de la prestation'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invoice',
            name='vat_total',
            field=models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='TVA'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='landlord',
            name='billing_city',
            field=models.CharField(blank=True, db_default='', max_length=100, verbose_name='commune'),
        ),
        migrations.AddField(
            model_name='landlord',
            name='billing_country',
            field=models.CharField(db_default='FR', default='FR', help_text='Deux lettres : FR, BE, LU…', max_length=2, verbose_name='pays'),
        ),
        migrations.AddField(
            model_name='landlord',
            name='billing_name',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='raison sociale facturée'),
        ),
        migrations.AddField(
            model_name='landlord',
            name='billing_postcode',
            field=models.CharField(blank=True, db_default='', max_length=12, verbose_name='code postal'),
        ),
        migrations.AddField(
            model_name='landlord',
            name='billing_street',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='adresse de facturation'),
        ),
        migrations.AddField(
            model_name='landlord',
            name='siren',
            field=models.CharField(blank=True, db_default='', max_length=9, validators=[django.core.validators.RegexValidator('^[0-9]{9}\\Z', 'Un SIREN a 9 chiffres.')], verbose_name='SIREN'),
        ),
        migrations.AddField(
            model_name='landlord',
            name='vat_number',
            field=models.CharField(blank=True, db_default='', max_length=15, validators=[django.core.validators.RegexValidator('^[A-Z]{2}[0-9A-Z]{2,13}\\Z', 'Un numéro de TVA commence par le pays, sans espace\xa0: FR12345678901.')], verbose_name='numéro de TVA'),
        ),
        migrations.RunSQL(PARTS_OF_THE_ADDRESS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='invoice',
            name='billed_street',
            field=models.CharField(max_length=200, verbose_name='adresse'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='billed_name',
            field=models.CharField(max_length=200, verbose_name='nom'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='landlord',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='interventions.landlord', verbose_name='bailleur'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='accounts.person', verbose_name='personne'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='total',
            field=models.DecimalField(decimal_places=2, max_digits=12, verbose_name='total TTC'),
        ),
        migrations.AddConstraint(
            model_name='financialyear',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(interventions.models.invoices.DateRange('starts_on', 'closes_on', django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_lower=True, inclusive_upper=True)), '&&')], name='financial_years_apart', violation_error_message='Un autre exercice couvre déjà une partie de ces dates.'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('billed_country__regex', '^[A-Z]{2}$')), name='invoice_country'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(fields=('financial_year', 'series', 'sequence'), name='invoice_sequence_once'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('net_total__gte', 0), ('total', django.db.models.expressions.CombinedExpression(models.F('net_total'), '+', models.F('vat_total'))), ('vat_total__gte', 0)), name='invoice_total'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('line_count__gte', 1), ('sequence__gte', 1)), name='invoice_counts'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('issued_on'))), name='invoice_due_after_it_is_issued'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrected_number', ''), ('corrects', None), ('reason', ''), ('series', 'F')), models.Q(('series', 'A'), models.Q(('corrected_number', ''), _negated=True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='invoice_credit_note_names_its_invoice'),
        ),
        migrations.AddField(
            model_name='accountingexport',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandée par'),
        ),
        migrations.AddField(
            model_name='accountingexport',
            name='financial_year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='interventions.financialyear', verbose_name='exercice'),
        ),
        migrations.AddField(
            model_name='archiveopening',
            name='financial_year',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='interventions.financialyear', verbose_name='exercice'),
        ),
        migrations.AddField(
            model_name='archiveopening',
            name='opened_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ouverte par'),
        ),
        migrations.AddField(
            model_name='estimate',
            name='intervention',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='estimates', to='interventions.intervention', verbose_name='intervention'),
        ),
        migrations.AddField(
            model_name='estimate',
            name='landlord',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='interventions.landlord', verbose_name='bailleur'),
        ),
        migrations.AddField(
            model_name='estimate',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='accounts.person', verbose_name='personne'),
        ),
        migrations.AddField(
            model_name='estimate',
            name='prepared_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='préparé par'),
        ),
        migrations.AddField(
            model_name='estimateline',
            name='estimate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='interventions.estimate', verbose_name='devis'),
        ),
        migrations.AddField(
            model_name='invoicedocument',
            name='invoice',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='document', to='interventions.invoice', verbose_name='facture'),
        ),
        migrations.AddField(
            model_name='invoicedraft',
            name='corrects',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='draft_credits', to='interventions.invoice', verbose_name='facture à corriger'),
        ),
        migrations.AddField(
            model_name='invoicedraft',
            name='intervention',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='interventions.intervention', verbose_name='intervention'),
        ),
        migrations.AddField(
            model_name='invoicedraft',
            name='landlord',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='interventions.landlord', verbose_name='bailleur'),
        ),
        migrations.AddField(
            model_name='invoicedraft',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='%(class)ss', to='accounts.person', verbose_name='personne'),
        ),
        migrations.AddField(
            model_name='invoicedraft',
            name='prepared_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='préparée par'),
        ),
        migrations.AddField(
            model_name='draftline',
            name='draft',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='interventions.invoicedraft', verbose_name='brouillon'),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='interventions.invoice', verbose_name='facture'),
        ),
        migrations.AddField(
            model_name='invoicereminder',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='interventions.invoice', verbose_name='facture'),
        ),
        migrations.AddField(
            model_name='onlinepayment',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='online_payments', to='interventions.invoice', verbose_name='facture'),
        ),
        migrations.AddField(
            model_name='payment',
            name='invoice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='payments', to='interventions.invoice', verbose_name='facture'),
        ),
        migrations.AddField(
            model_name='payment',
            name='noted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='noté par'),
        ),
        migrations.AddField(
            model_name='payment',
            name='online',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='interventions.onlinepayment', verbose_name='paiement en ligne'),
        ),
        migrations.AddField(
            model_name='payment',
            name='reverses',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='reversed_by', to='interventions.payment', verbose_name='annule'),
        ),
        migrations.AddConstraint(
            model_name='accountingexport',
            constraint=models.CheckConstraint(condition=models.Q(('built_at', None), models.Q(('file', ''), _negated=True), _connector='OR'), name='accounting_export_has_its_file'),
        ),
        migrations.AddConstraint(
            model_name='estimate',
            constraint=models.CheckConstraint(condition=models.Q(('person', None), ('landlord', None), _connector='OR'), name='estimate_has_no_two_debtors'),
        ),
        migrations.AddConstraint(
            model_name='estimate',
            constraint=models.CheckConstraint(condition=models.Q(('billed_country__regex', '^[A-Z]{2}$')), name='estimate_country'),
        ),
        migrations.AddConstraint(
            model_name='estimate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted', None), ('answered_at', None)), models.Q(('accepted__isnull', False), ('answered_at__isnull', False), ('offered_at__isnull', False)), _connector='OR'), name='estimate_is_offered_before_it_is_answered'),
        ),
        migrations.AddConstraint(
            model_name='estimateline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity', 0), _negated=True), name='estimateline_of_something'),
        ),
        migrations.AddConstraint(
            model_name='estimateline',
            constraint=models.CheckConstraint(condition=models.Q(('unit_price__gte', 0)), name='estimateline_price'),
        ),
        migrations.AddConstraint(
            model_name='invoicedraft',
            constraint=models.CheckConstraint(condition=models.Q(('person', None), ('landlord', None), _connector='OR'), name='invoicedraft_has_no_two_debtors'),
        ),
        migrations.AddConstraint(
            model_name='invoicedraft',
            constraint=models.CheckConstraint(condition=models.Q(('billed_country__regex', '^[A-Z]{2}$')), name='invoicedraft_country'),
        ),
        migrations.AddConstraint(
            model_name='draftline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity', 0), _negated=True), name='draftline_of_something'),
        ),
        migrations.AddConstraint(
            model_name='draftline',
            constraint=models.CheckConstraint(condition=models.Q(('unit_price__gte', 0)), name='draftline_price'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity', 0), _negated=True), name='invoiceline_of_something'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('unit_price__gte', 0)), name='invoiceline_price'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('net', django.db.models.functions.math.Round(django.db.models.expressions.CombinedExpression(models.F('quantity'), '*', models.F('unit_price')), precision=2))), name='invoiceline_net'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.UniqueConstraint(fields=('invoice', 'position'), name='invoice_line_once'),
        ),
        migrations.AddConstraint(
            model_name='invoicereminder',
            constraint=models.UniqueConstraint(fields=('invoice', 'after_working_days'), name='invoice_reminded_once_a_rule'),
        ),
        migrations.AddConstraint(
            model_name='onlinepayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='online_payment_of_something'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='payment_of_something'),
        ),
    ]
