import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.names import clean_text
from interventions.sensitive_words import WORDS, plain, sensitive_words

SENSITIVE = [
    # health
    ("Le monsieur est malade depuis lundi.", "malade"),
    ("Elle a un CANCER.", "CANCER"),
    ("Traitée pour un cancer du sein, elle ne descend plus.", "cancer"),
    ("La locataire est handicapée.", "handicapée"),
    ("Son fils est autiste.", "autiste"),
    ("Deux enfants autistes dans le logement.", "autistes"),
    ("Il est diabétique et vit seul.", "diabétique"),
    ("Dame dépressive, parle beaucoup.", "dépressive"),
    ("Le voisin est alcoolique.", "alcoolique"),
    ("Les voisins du dessus sont alcooliques.", "alcooliques"),
    ("Il sent l’alcool.", "alcool"),
    ("Monsieur alcoolisé au téléphone.", "alcoolisé"),
    ("Personne toxicomane au deuxième.", "toxicomane"),
    ("Il se drogue dans la cave.", "drogue"),
    ("Des drogués dans le hall.", "drogués"),
    ("Elle est schizophrène.", "schizophrène"),
    ("Suivi en psychiatrie à Cambrai.", "psychiatrie"),
    ("Sa mère a la maladie d'Alzheimer.", "maladie"),
    ("Elle souffre de démence.", "démence"),
    ("Il menace de se suicider.", "suicider"),
    ("Sortie d’hospitalisation hier.", "hospitalisation"),
    ("Il a été hospitalisé.", "hospitalisé"),
    ("Ses médicaments sont au frigo.", "médicaments"),
    ("Il est séropositif.", "séropositif"),
    ("Enfant asthmatique, moisissures.", "asthmatique"),
    ("Crises d’épilepsie fréquentes.", "épilepsie"),
    ("Il est sous oxygène.", "sous oxygène"),
    ("Monsieur en fauteuil roulant au 3e.", "fauteuil roulant"),
    ("Locataire enceinte de huit mois.", "Locataire enceinte"),
    ("Elle est enceinte.", "est enceinte"),
    ("Dialysé trois fois par semaine.", "Dialysé"),
    ("L’infirmière passe le matin.", "infirmière"),
    ("Il a fait un AVC.", "AVC"),
    ("Personne à mobilité réduite.", "mobilité réduite"),
    ("La dame est aveugle.", "aveugle"),
    ("Monsieur sourd, parler fort.", "sourd"),
    # religion
    ("Famille musulmane, pas le vendredi.", "musulmane"),
    ("C’est le ramadan.", "ramadan"),
    ("Les témoins de Jéhovah du rez-de-chaussée.", "témoins de Jéhovah"),
    ("Une dame voilée a ouvert.", "voilée"),
    ("Il est juif.", "juif"),
    # origin
    ("Locataire d’origine maghrébine.", "maghrébine"),
    ("Des Roms squattent la cave.", "Roms"),
    ("Un Algérien a ouvert la porte.", "Algérien"),
    ("Les étrangers du premier.", "étrangers"),
    ("Famille de réfugiés.", "réfugiés"),
    ("Il est sans-papiers.", "sans-papiers"),
    ("Un Noir a répondu.", "Un Noir"),
    # opinions, union
    ("C’est un militant d’extrême droite.", "militant"),
    ("Il est communiste.", "communiste"),
    ("Il est délégué CGT.", "CGT"),
    ("Locataire syndiquée.", "syndiquée"),
    # sexuality
    ("Le couple homosexuel du dessus.", "homosexuel"),
    ("Elle est transgenre.", "transgenre"),
    ("Des prostituées dans le parking.", "prostituées"),
    # offences
    ("Son mari est en prison.", "prison"),
    ("Il sort de garde à vue.", "garde à vue"),
    ("Les dealers du hall.", "dealers"),
    ("Ancien détenu, bracelet électronique.", "détenu"),
    ("Condamné pour vol.", "Condamné pour"),
    # insults
    ("Quel connard, il a raccroché.", "connard"),
    ("C’est une folle.", "folle"),
    ("Locataire complètement ivre.", "ivre"),
    ("Il était bourré.", "était bourré"),
    ("C’est un cas social.", "cas social"),
    ("Le gardien est un abruti.", "abruti"),
    ("Cette conne ne veut pas ouvrir.", "conne"),
    ("Des menteurs, tous.", "menteurs"),
]

EVERYDAY = [
    "Fuite sous l’évier, le locataire a coupé l’eau.",
    "L’escalier est dans le noir depuis 20 h.",
    "Porte condamnée par le bailleur.",
    "La fenêtre de la cave est condamnée.",
    "Les fils noirs dépassent de la prise.",
    "Des points noirs d’humidité au plafond.",
    "Des cafards noirs dans la cuisine.",
    "Il fait un noir complet dans le parking.",
    "Un corps étranger bloque la serrure.",
    "Bruit sourd dans la chaudière.",
    "Des parasites sur l’image de la télé.",
    "WC à la turque bouchés.",
    "Rendez-vous rue Gay-Lussac.",
    "L’enceinte du parking est ouverte.",
    "Grille d’enceinte forcée.",
    "Le siphon est bourré de papier.",
    "Le technicien est arrivé à 22 h 40.",
    "La clé est restée dans la serrure.",
    "Chauffage en panne dans toute la résidence.",
    "Le congélateur a décongelé.",
    "Le concierge a le double des clés.",
    "Condensation sur les vitres.",
    "Le conduit de la VMC est débranché.",
    "La pression de la chaudière est tombée à zéro.",
    "Dépressurisation du circuit de chauffage.",
    "Le disjoncteur saute quand on allume le four.",
    "Rappeler le fils du locataire demain matin.",
    "La voisine signale de l’eau dans la cage d’escalier.",
    "Porte d’entrée fracturée, le serrurier passe.",
    "Le romarin du balcon bouche la descente.",
    "Appareil de la marque Romsol.",
    "Robinet thermostatique bloqué.",
    "Le carrelage est fendu, rebord coupant.",
    "Un rat dans le local à vélos.",
    "Nid de guêpes sous le toit.",
    "L’ascenseur est arrêté entre deux étages.",
    "Personne bloquée, elle va bien.",
    "Le gaz est coupé à la vanne d’étage.",
    "Homologation du détecteur à vérifier.",
    "Racines dans la canalisation.",
    "La raceway du câble est ouverte.",
    "Le prestataire ne répond pas, second appel à 23 h.",
    "Locataire absent, avis de passage laissé.",
    "Le gardien ouvrira la chaufferie.",
    "Four encastré sans courant.",
    "Le digicode ne prend plus le code.",
    "Fenêtre qui ferme mal, courant d’air.",
    "La connexion de l’antenne est rompue.",
    "Fils dénudés derrière le tableau.",
    "Le pédalier du portail est cassé.",
    "Le locataire parle arabe, prévoir un interprète.",
    "Le locataire ne parle que turc.",
    "Il faut un drain neuf.",
    "M. Lefou rappelle pour sa porte.",
    "Le pédiluve de l’entrée déborde.",
    "Porte du local condamnée pour travaux.",
    "La porte est voilée et ne ferme plus.",
    "La fiche s’est débranchée.",
    "Le code est invalide depuis ce matin.",
    "Code invalide, badge refusé.",
    "Elle s’est réfugiée chez la voisine.",
    "Dépôt clandestin devant le hall.",
    "Incendie criminel au sous-sol, pompiers sur place.",
    "Clés détenues par le gardien.",
    "Le serrurier n’ouvre pas sans papiers d’identité.",
    "Une personne étrangère à l’immeuble a laissé la porte ouverte.",
    "Place handicapés bloquée par un camion.",
    "Syndicat de copropriété prévenu.",
    "L’eau coule comme une folle.",
    "Le chien de race berger garde l’entrée.",
]


@pytest.mark.parametrize(("text", "word"), SENSITIVE, ids=[text for text, _ in SENSITIVE])
def test_a_sensitive_word_is_found_as_it_was_typed(text, word):
    assert word in sensitive_words(text)


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_sentences_of_the_desk_raise_no_alarm(text):
    assert sensitive_words(text) == []


def test_words_are_found_in_order_each_once_and_as_typed():
    text = "Il est IVRE,\nmalade\N{NO-BREAK SPACE}; il dit être ivre et Malade, vraiment malade."
    assert sensitive_words(text) == ["IVRE", "malade", "ivre", "Malade"]


def test_a_sensitive_word_beside_a_harmless_phrase_is_still_found():
    assert sensitive_words("Bruit sourd, le voisin est sourd.") == ["sourd"]
    assert sensitive_words("Porte condamnée pour travaux, lui condamné pour vol.") == ["condamné pour"]


@pytest.mark.parametrize(
    "typed",
    [
        "hospitalise\N{COMBINING ACUTE ACCENT}e",
        "hospita\N{SOFT HYPHEN}lisée",
        "HOSPITALISÉE",
        "l’hospitalisée",
        "(hospitalisée)",
        "non-hospitalisée",
    ],
)
def test_however_it_was_typed_or_pasted(typed):
    assert len(sensitive_words(f"Elle est {typed} hier.")) == 1


def test_the_list_is_written_as_texts_are_compared():
    assert {word for word in WORDS if plain(word) != word or word != word.strip() or not word} == set()


def test_a_long_text_is_read_in_time_proportional_to_it():
    assert sensitive_words("Le disjoncteur saute. " * 20_000 + "Elle est malade.") == ["malade"]


@given(st.text())
def test_any_text_can_be_read(text):
    assert all(word in clean_text(text) for word in sensitive_words(text))
