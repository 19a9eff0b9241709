from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Person, Phone, Title
from accounts.names import clean_text
from interventions.estate_import import importing
from interventions.estate_import.lines import read_date, read_email, read_name, read_phones
from interventions.estate_import.reading import recognise
from interventions.models import Dwelling, Residence, Tenancy
from privacy.models import Restriction
from privacy.rights import restriction
from tests.factories import NOW, LandlordFactory, PersonFactory, PhoneFactory, TenancyFactory

pytestmark = pytest.mark.django_db

MARIE = {
    "Code résidence": "R1",
    "Résidence": "Les Lilas",
    "Adresse": "12 rue de la Liberté",
    "Code postal": "59400",
    "Ville": "Cambrai",
    "Secteur": "Nord",
    "N° logement": "L12",
    "Esc.": "B",
    "Étage": "3",
    "Porte": "12",
    "Réf. locataire": "T100",
    "Civilité": "Mme",
    "Nom": "DUPONT",
    "Prénom": "Marie",
    "Téléphone": "03.27.12.34.56",
    "Portable": "",
    "E-mail": "marie@exemple.example",
    "Date d'entrée": "01/02/2020",
    "Date de sortie": "",
}
HEADINGS = list(MARIE)
JEAN = MARIE | {
    "N° logement": "L13",
    "Porte": "13",
    "Réf. locataire": "T101",
    "Civilité": "M.",
    "Nom": "Lefèvre",
    "Prénom": "Jean",
    "Téléphone": "03 27 12 34 57",
    "E-mail": "",
}


@pytest.fixture
def landlord():
    return LandlordFactory(name="Habitat du Cambrésis", code="habitat")


@pytest.fixture
def run(tmp_path, landlord):
    def run(content, *options, to="habitat"):
        """`content` is a list of lines as dictionaries, a text or bytes. Returns what the command says."""
        path = tmp_path / "patrimoine.csv"
        if isinstance(content, list):
            content = csv_text(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        said = StringIO()
        call_command("import_estate", to, str(path), *options, stdout=said)
        return said.getvalue().replace("\u00a0", " ").replace("\u202f", " ")

    return run


def csv_text(lines, headings=HEADINGS, delimiter=";"):
    rows = [headings, *([line.get(heading, "") for heading in headings] for line in lines)]
    return "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"


def stored():
    """All that an import may write."""
    return [list(model.objects.order_by("pk").values()) for model in (Residence, Dwelling, Person, Phone, Tenancy)]


@pytest.mark.parametrize("known_by", ["reference", "telephone"])
def test_it_leaves_whoever_is_restricted_alone(run, known_by):
    run([MARIE, JEAN], "--commit")
    restriction.begin(Person.objects.get(given_name="Marie"), reason=Restriction.Reason.ACCURACY, by=None, now=NOW)
    before = stored()
    again = MARIE | {"Portable": "06 12 34 56 78", "Réf. locataire": "T100" if known_by == "reference" else "T200"}
    said = run([again, JEAN], "--commit")
    assert stored() == before
    assert "sous limitation" in said
    assert "DUPONT" not in said


# What it writes and says ----------------------------------------------------------------------------------------------


def test_imports_a_tenancy_and_all_it_hangs_from(run, landlord):
    said = run([MARIE], "--commit")
    tenancy = Tenancy.objects.select_related("person", "dwelling__residence").get()
    residence, dwelling, person = tenancy.dwelling.residence, tenancy.dwelling, tenancy.person
    assert (residence.landlord, residence.reference, residence.name) == (landlord, "R1", "Les Lilas")
    assert (residence.address, residence.sector) == ("12 rue de la Liberté, 59400 Cambrai", "Nord")
    assert (dwelling.reference, dwelling.place) == ("L12", "esc. B, étage 3, porte 12")
    assert (tenancy.landlord, tenancy.reference) == (landlord, "T100")
    assert (tenancy.since_on, tenancy.until_on) == (date(2020, 2, 1), None)
    assert (person.title, person.family_name, person.given_name) == (Title.MRS, "Dupont", "Marie")
    assert person.email == "marie@exemple.example"
    assert list(person.phones.values_list("number", "kind")) == [("+33327123456", Phone.Kind.HOME)]
    assert said.splitlines() == [
        "ligne 2 : crée la résidence R1, le logement L12, le locataire T100 et la location T100",
        "1 lignes lues, 0 sans changement, 0 refusées.",
        "Créés : 1 résidences, 1 logements, 1 personnes, 1 locations.",
        "Modifiés : 0 résidences, 0 logements, 0 personnes, 0 locations.",
        "Enregistré.",
    ]


def test_without_commit_says_the_same_and_saves_nothing(run):
    dry = run([MARIE, JEAN])
    assert stored() == [[], [], [], [], []]
    committed = run([MARIE, JEAN], "--commit")
    assert Tenancy.objects.count() == 2
    assert dry.splitlines()[:-1] == committed.splitlines()[:-1]
    assert dry.splitlines()[-1] == "Essai : rien n’a été enregistré. Ajoutez --commit pour enregistrer."


def test_the_same_file_twice_changes_nothing(run):
    garage = MARIE | {"N° logement": "G1", "Réf. locataire": "T200", "Adresse": "14 rue de la Liberté"}
    lines = [MARIE, JEAN, garage]
    run(lines, "--commit")
    before = stored()
    assert Tenancy.objects.count() == 3
    said = run(lines, "--commit")
    assert stored() == before
    assert said.splitlines()[:2] == [
        "ligne 4 : laisse la résidence R1 comme à la ligne 2",
        "3 lignes lues, 3 sans changement, 0 refusées.",
    ]


def test_names_nobody(run):
    said = run([MARIE, JEAN, MARIE | {"Téléphone": "999"}], "--commit") + run([MARIE | {"Nom": "Durand"}], "--commit")
    assert "T100" in said
    for secret in ("Dupont", "Durand", "Marie", "marie@", "12 34 56", "999", "Liberté"):
        assert secret.lower() not in said.lower()


def test_finds_a_landlord_by_name(run):
    run([MARIE], "--commit", to="HABITAT DU CAMBRÉSIS")
    assert Tenancy.objects.count() == 1


def test_shows_its_progress_on_standard_error(run, capsys):
    run([MARIE])
    assert "100%" in capsys.readouterr().err


# Files as landlords send them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_reads_any_encoding_delimiter_and_line_end(run, encoding, delimiter, end):
    text = csv_text([MARIE, JEAN], delimiter=delimiter).replace("\r\n", end)
    run(text.encode(encoding), "--commit")
    assert list(Residence.objects.values_list("street", flat=True)) == ["12 rue de la Liberté"]
    assert list(Person.objects.order_by("pk").values_list("family_name", flat=True)) == ["Dupont", "Lefèvre"]


def test_reads_two_encodings_in_one_file(run):
    heading, marie, jean = csv_text([MARIE | {"Prénom": "Zoé"}, JEAN]).splitlines()
    run(b"\n".join([heading.encode("cp1252"), marie.encode(), jean.encode("cp1252")]), "--commit")
    assert list(Person.objects.order_by("pk").values_list("given_name", "family_name")) == [
        ("Zoé", "Dupont"),
        ("Jean", "Lefèvre"),
    ]


def test_reads_quotes_empty_lines_short_lines_and_a_spreadsheet_s_sep_line(run):
    heading, marie, jean = csv_text([MARIE, JEAN]).splitlines()
    marie = marie.replace("Les Lilas", '"Les ""Lilas"" ; bât. A"')
    run(f"sep=;\n\n{heading}\n;;;;\n{marie}\n\n{jean.rstrip(';')}\n", "--commit")
    assert Residence.objects.get().name == 'Les "Lilas" ; bât. A'
    assert Tenancy.objects.count() == 2


def test_takes_columns_in_any_order_and_tells_those_it_ignores(run):
    headings = ["Loyer", *reversed(HEADINGS), "Surface (m²)"]
    said = run(csv_text([MARIE | {"Loyer": "412,50"}], headings), "--commit")
    assert Tenancy.objects.get().reference == "T100"
    assert said.splitlines()[0] == "Colonnes ignorées : Loyer, Surface (m²)."


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("RÉFÉRENCE DE LA RÉSIDENCE", "residence_reference"),
        ("code_groupe", "residence_reference"),
        ("Nom résidence", "residence_name"),
        ("CodePostal", "postcode"),
        ("CP", "postcode"),
        ("Commune", "city"),
        ("Adresse du logement", "street"),
        ("N° lot", "dwelling_reference"),
        ("Référence logement", "dwelling_reference"),
        ("Cage d'escalier", "staircase"),
        ("N° contrat", "tenant_reference"),
        ("REF_LOCATAIRE", "tenant_reference"),
        ("Nom du locataire", "family_name"),
        ("NomLocataire", "family_name"),
        ("Prénoms", "given_name"),
        ("Tél. 2", "phones"),
        ("TEL_PORTABLE", "phones"),
        ("N° de téléphone", "phones"),
        ("Adresse e-mail", "email"),
        ("Mél", "email"),
        ("Courriel locataire", "email"),
        ("Date d’entrée dans les lieux", "since_on"),
        ("Début de bail", "since_on"),
        ("Jusqu'au", "until_on"),
        ("Date de fin", "until_on"),
        ("Loyer", None),
        ("Référence", None),
        ("Locataire", None),
        ("", None),
    ],
)
def test_recognises_a_heading(heading, key):
    assert recognise(heading) == key


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("", ()),
        ("néant", ()),
        ("0000000000", ()),
        ("327123456", ("+33327123456",)),
        ("+33 (0)3 27 12 34 56", ("+33327123456",)),
        ("0033327123456", ("+33327123456",)),
        ("03/27/12/34/56", ("+33327123456",)),
        ("Tél : 03 27 12 34 56 (domicile)", ("+33327123456",)),
        ("0327123456/0612345678", ("+33327123456", "+33612345678")),
        ("03-27-12-34-56 ; 06 12 34 56 78", ("+33327123456", "+33612345678")),
        ("0612345678 ou NC", ("+33612345678",)),
        ("+32 470 99 88 77", ("+32470998877",)),
    ],
)
def test_reads_phones_in_any_spelling(cell, numbers):
    assert read_phones(cell) == numbers


@pytest.mark.parametrize(
    "cell",
    [
        "01/02/2020",
        "1/2/2020",
        "01-02-20",
        "01.02.2020",
        "2020-02-01",
        "20200201",
        "2020-02-01T00:00:00",
        "01/02/2020 00:00",
    ],
)
def test_reads_a_date_in_any_spelling(cell):
    assert read_date(cell) == date(2020, 2, 1)


def test_two_digits_of_a_year_are_of_the_right_century():
    assert (read_date("01-07-62"), read_date("01-07-24")) == (date(1962, 7, 1), date(2024, 7, 1))


@pytest.mark.parametrize("cell", ["31/12/9999", "9999-12-31", "31/12/2999", ""])
def test_a_tenancy_without_an_end_has_none(run, cell):
    run([MARIE | {"Date de sortie": cell}], "--commit")
    assert Tenancy.objects.get().until_on is None


@pytest.mark.parametrize(
    ("cell", "name"),
    [("DUPONT", "Dupont"), ("D'HONDT-LEROY", "D'Hondt-Leroy"), ("de Souza", "de Souza"), ("ÉLOÏSE", "Éloïse")],
)
def test_names_in_capitals_are_lowered(cell, name):
    assert read_name(cell) == name


def test_mending_what_spreadsheets_break(run):
    run(
        [MARIE | {"Code postal": "2100", "Ville": "Saint-Quentin", "Nom": "\u202bDU\0PONT\u202c", "E-mail": "-"}],
        "--commit",
    )
    assert Residence.objects.get().postcode == "02100"
    person = Person.objects.get()
    assert (person.family_name, person.email) == ("Dupont", "")


# Bad lines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Nom": ""}, "nom à renseigner"),
        ({"Nom": "\u202e\u200f"}, "nom à renseigner"),
        ({"Nom": "???"}, "nom sans aucune lettre"),
        ({"Nom": "A" * 101}, "nom de plus de 100 caractères"),
        ({"Nom": "A" * 1_000_000}, "ligne de plus de 65536 caractères"),
        ({"Code résidence": ""}, "référence de la résidence à renseigner"),
        ({"N° logement": "L" * 41}, "référence du logement de plus de 40 caractères"),
        ({"Réf. locataire": ""}, "référence du locataire à renseigner"),
        ({"Réf. locataire": "1,2E+10"}, "référence du locataire arrondie par le tableur (1,2E+10)"),
        ({"Code postal": "5940A"}, "code postal impossible"),
        ({"Date d'entrée": ""}, "date d’entrée à renseigner"),
        ({"Date d'entrée": "31/02/2024"}, "date d’entrée impossible"),
        ({"Date d'entrée": "30/13/2024"}, "date d’entrée impossible"),
        ({"Date d'entrée": "01/01/0001"}, "date d’entrée impossible"),
        ({"Date d'entrée": "janvier"}, "date d’entrée illisible"),
        ({"Date de sortie": "31/01/2020"}, "date de sortie avant la date d’entrée"),
        ({"Téléphone": "12"}, "téléphone impossible"),
        ({"Portable": "3,3327E+10"}, "téléphone impossible"),
        ({"E-mail": "marie(at)exemple"}, "adresse e-mail impossible"),
        ({"Nom": "", "Code postal": "?"}, "code postal impossible, nom à renseigner"),
        ({"Résidence": '"Les Lilas'}, "guillemets mal fermés (une cellule tient sur une seule ligne)"),
        ({"Date de sortie": ";;12"}, "plus de cellules que de titres"),
        ({"Ville": "Cambrai\ufffd"}, "caractère illisible"),
        ({"Réf. locataire": "T101"}, "référence de locataire déjà donnée ligne 2"),
    ],
)
def test_a_bad_line_is_refused_alone_and_says_why(run, cells, reason):
    cells = {"Réf. locataire": "BAD"} | cells
    kim = JEAN | {"N° logement": "L14", "Réf. locataire": "T102", "Nom": "Kim", "Téléphone": ""}
    said = run([JEAN, MARIE | cells, kim], "--commit")
    refused = [line for line in said.splitlines() if "refusée, " in line]
    assert len(refused) == 1
    assert refused[0].startswith("ligne 3 : refusée, ")
    assert reason in refused[0]
    assert list(Tenancy.objects.order_by("reference").values_list("reference", flat=True)) == ["T101", "T102"]
    assert Dwelling.objects.count() == Person.objects.count() == 2


def test_what_only_the_database_refuses_costs_its_line_only(run):
    lines = [MARIE | {"N° logement": f"L{n}", "Réf. locataire": f"T{n}", "Code résidence": f"R{n}"} for n in range(9)]
    lines[4] |= {"Résidence": "Œ" * 120, "Adresse": "Œ" * 200}  # longer than the search key once unaccented
    said = run(lines, "--commit")
    assert "ligne 6 : refusée, la base de données ne peut pas l’enregistrer" in said.splitlines()
    assert sorted(Tenancy.objects.values_list("reference", flat=True)) == [f"T{n}" for n in range(9) if n != 4]
    assert Residence.objects.count() == 8


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Le fichier est vide."),
        (b"\n\n;;;\n", "Le fichier est vide."),
        (csv_text([]), "Le fichier n’a aucune ligne sous ses titres."),
        (
            "Nom;Adresse\nDupont;12 rue X\n",
            "Colonnes obligatoires absentes ou non reconnues : référence de la résidence",
        ),
        (csv_text([MARIE], [*HEADINGS, "Nom"]), "Deux colonnes donnent « nom » (la 13ᵉ et la 20ᵉ)"),
        (csv_text([MARIE]).encode("utf-16"), "Le fichier est en UTF-16"),
        (b"PK\x03\x04" + bytes(range(256)) * 8, "Colonnes obligatoires absentes"),
        (b'"Nom', "La ligne des titres est illisible"),
    ],
)
def test_an_unusable_file_is_refused_in_one_line(run, content, reason):
    with pytest.raises(CommandError) as refusal:
        run(content, "--commit")
    said = str(refusal.value).replace("\u00a0", " ")
    assert said.startswith(reason)
    assert "\n" not in said
    assert stored() == [[], [], [], [], []]


def test_a_file_that_cannot_be_opened_is_refused_in_one_line(landlord, tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(CommandError, match=r"^Fichier absent ou illisible"):
            call_command("import_estate", "habitat", str(path))


def test_an_unknown_landlord_is_refused(run):
    with pytest.raises(CommandError, match=r"^Bailleur inconnu.: autre\.$"):
        run([MARIE], "--commit", to="autre")
    assert stored() == [[], [], [], [], []]


# The second file of a landlord ----------------------------------------------------------------------------------------


@pytest.fixture
def marie(run):
    run([MARIE], "--commit")
    return Tenancy.objects.select_related("person", "dwelling").get()


def test_changes_what_the_file_says_otherwise(run, marie):
    said = run(
        [
            MARIE
            | {
                "Adresse": "14 rue de la Liberté",
                "Étage": "4",
                "Nom": "DUPONT-LEROY",
                "Portable": "06 12 34 56 78",
                "Date de sortie": "31/12/2024",
            }
        ],
        "--commit",
    )
    assert said.splitlines()[0] == (
        "ligne 2 : modifie la résidence R1 (adresse), le logement L12 (étage), "
        "le locataire T100 (nom, téléphone) et la location T100 (jusqu’au)"
    )
    marie.refresh_from_db()
    assert (Residence.objects.get().street, Dwelling.objects.get().floor) == ("14 rue de la Liberté", "4")
    assert (marie.person.family_name, marie.until_on) == ("Dupont-Leroy", date(2024, 12, 31))
    assert set(marie.person.phones.values_list("number", flat=True)) == {"+33327123456", "+33612345678"}


def test_an_empty_cell_changes_nothing(run, marie):
    run([MARIE | {"Date de sortie": "31/12/2024"}], "--commit")
    before = stored()
    assert Tenancy.objects.get().until_on
    run([MARIE | dict.fromkeys(("Secteur", "Étage", "Civilité", "Prénom", "Téléphone", "E-mail"), "")], "--commit")
    assert stored() == before


def test_what_agents_typed_stays(run, marie):
    Person.objects.update(given_name="Mârie")
    PhoneFactory(person=marie.person, number="+33699999999")
    before = stored()
    run([MARIE | {"Prénom": "MARIE"}], "--commit")
    assert stored() == before


def test_a_name_gains_accents(run, marie):
    run([MARIE | {"Prénom": "Mârie"}], "--commit")
    assert Person.objects.get().given_name == "Mârie"


def test_a_tenant_who_moved_keeps_the_reference(run, marie):
    said = run([MARIE | {"N° logement": "L99"}], "--commit")
    assert said.splitlines()[0] == "ligne 2 : crée le logement L99 ; modifie la location T100 (logement)"
    assert Tenancy.objects.get().dwelling.reference == "L99"
    assert Dwelling.objects.count() == 2


def test_a_new_tenant_ends_nobody_s_tenancy(run, marie):
    run([JEAN | {"N° logement": "L12"}], "--commit")
    assert list(Tenancy.objects.order_by("pk").values_list("reference", "dwelling", "until_on")) == [
        ("T100", marie.dwelling_id, None),
        ("T101", marie.dwelling_id, None),
    ]


def test_a_reference_that_comes_with_somebody_else_is_refused(run, marie):
    before = stored()
    said = run([JEAN | {"Réf. locataire": "T100"}], "--commit")
    assert said.splitlines()[0] == "ligne 2 : refusée, cette référence de locataire est celle d’une autre personne"
    assert stored() == before


@pytest.mark.parametrize("name", [{"Nom": "Martin"}, {"Prénom": "Marion"}, {"Nom": "Marie", "Prénom": "Dupont"}])
def test_one_name_in_common_is_the_same_person(run, marie, name):
    assert "refusée, " not in run([MARIE | name], "--commit")
    assert Person.objects.get() == marie.person


def test_an_entry_after_the_known_exit_is_refused(run, marie):
    Tenancy.objects.update(until_on=date(2021, 1, 1))
    before = stored()
    said = run([MARIE | {"Date d'entrée": "01/02/2022"}], "--commit")
    assert said.splitlines()[0] == "ligne 2 : refusée, date d’entrée après la date de sortie déjà enregistrée"
    assert stored() == before


# Whose tenancy it is --------------------------------------------------------------------------------------------------

GARAGE = MARIE | {"N° logement": "G1", "Réf. locataire": "T200"}


@pytest.mark.parametrize(
    "only", [{"Téléphone": ""}, {"E-mail": ""}, {"E-mail": "MARIE@exemple.example", "Nom": "Dupônt"}]
)
@pytest.mark.parametrize("files", [1, 2])
def test_the_same_name_and_a_shared_contact_is_one_person(run, only, files):
    for content in [[MARIE, GARAGE | only]] if files == 1 else [[MARIE], [GARAGE | only]]:
        run(content, "--commit")
    assert Person.objects.get().tenancies.count() == 2


@pytest.mark.parametrize(
    "other",
    [
        {"Prénom": "Paul"},
        {"Téléphone": "0327999999", "E-mail": "autre@exemple.example"},
        {"Téléphone": "", "E-mail": ""},
    ],
)
def test_a_shared_contact_or_a_shared_name_alone_is_two_people(run, other):
    run([MARIE, GARAGE | other], "--commit")
    assert Person.objects.count() == 2


def test_people_of_other_landlords_are_not_matched(run, marie):
    LandlordFactory(code="autre")
    run([MARIE], "--commit", to="autre")
    assert Person.objects.count() == Tenancy.objects.count() == Residence.objects.count() == 2


def test_a_merged_record_is_not_matched(run, marie):
    kept = TenancyFactory(landlord=marie.landlord, dwelling=marie.dwelling).person
    gone = PersonFactory(family_name="Kim", given_name="Lee", email="kim@exemple.example", merged_into=kept)
    TenancyFactory(person=gone, dwelling=marie.dwelling)
    run([GARAGE | {"Nom": "Kim", "Prénom": "Lee", "E-mail": "kim@exemple.example"}], "--commit")
    assert Tenancy.objects.get(reference="T200").person not in (gone, kept)


# Size and hostile input -----------------------------------------------------------------------------------------------


def test_chunks_know_what_earlier_ones_did(run, monkeypatch):
    lines = [MARIE, GARAGE | {"Adresse": "Autre"}, JEAN, JEAN, MARIE | {"Réf. locataire": "T300", "Prénom": "Mârie"}]
    at_once = run(lines)
    monkeypatch.setattr(importing, "CHUNK", 1)
    assert run(lines) == at_once
    assert "ligne 5 : refusée, référence de locataire déjà donnée ligne 4" in at_once


def test_queries_do_not_grow_with_the_lines(run, django_assert_max_num_queries):
    lines = [MARIE | {"N° logement": f"L{n}", "Réf. locataire": f"T{n}", "Nom": f"Nom {n}"} for n in range(300)]
    with django_assert_max_num_queries(30):
        run(lines, "--commit")
    assert Tenancy.objects.count() == 300


def whole():
    """Nothing hangs in the air: each row is there for a tenancy."""
    return (
        not Residence.objects.filter(dwellings=None).exists()
        and not Dwelling.objects.filter(tenancies=None).exists()
        and not Person.objects.filter(tenancies=None).exists()
    )


hostile_cells = st.one_of(
    st.sampled_from(
        ["", "31/02/2024", '"', "\0", "\u202e", "A" * 300, "DUPONT", "T100", "T101", "0327123456", "Œ" * 200]
    ),
    st.text(max_size=20),
)
hostile_lines = st.lists(
    st.dictionaries(st.sampled_from(HEADINGS), hostile_cells, max_size=4).map(lambda cells: MARIE | cells), max_size=8
)
hostile_files = st.one_of(
    st.binary(max_size=400),
    hostile_lines.map(lambda lines: csv_text(lines).encode("utf-8", "surrogatepass")),
    st.tuples(hostile_lines, st.binary(max_size=80)).map(
        lambda parts: csv_text(parts[0]).encode("utf-8", "surrogatepass") + parts[1] + csv_text([JEAN]).encode("cp1252")
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=hostile_files)
def test_no_bytes_break_it_or_leave_half_a_line(run, landlord, content):
    with transaction.atomic():
        refusal = ""
        try:
            run(content, "--commit")
        except CommandError as error:
            refusal = str(error)
        before = stored()
        if refusal:
            assert "\n" not in refusal
            assert before == [[], [], [], [], []]
        else:
            again = run(content, "--commit")
            assert "Créés : 0 résidences, 0 logements, 0 personnes, 0 locations." in again
            assert stored() == before
        assert whole()
        transaction.set_rollback(True)


@pytest.mark.parametrize("read", [read_phones, read_email, read_date])
@given(text=st.text())
def test_a_cell_is_read_or_refused_with_a_reason(read, text):
    reason = "impossible"
    try:
        read(clean_text(text))
    except ValueError as error:
        reason = str(error)
    assert reason in ("impossible", "illisible")
