"""Real towns, invented streets, residences, landlords and companies around Cambrai, Douai and Valenciennes."""

from callcenter.demo.drawing import Weighted
from callcenter.demo.people import names
from interventions.models import Equipment, SafetyAlert
from interventions.problems import Trade

TOWNS = {
    "Cambrésis": {
        ("59400", "Cambrai"): 12,
        ("59540", "Caudry"): 5,
        ("59360", "Le Cateau-Cambrésis"): 3,
        ("59730", "Solesmes"): 2,
        ("59141", "Iwuy"): 1,
        ("59161", "Escaudœuvres"): 1,
        ("59267", "Proville"): 1,
        ("59554", "Neuville-Saint-Rémy"): 1,
        ("59159", "Marcoing"): 1,
        ("59241", "Masnières"): 1,
    },
    "Douaisis": {
        ("59500", "Douai"): 12,
        ("59450", "Sin-le-Noble"): 5,
        ("59119", "Waziers"): 3,
        ("59187", "Dechy"): 2,
        ("59490", "Somain"): 4,
        ("59580", "Aniche"): 3,
        ("59950", "Auby"): 2,
        ("59128", "Flers-en-Escrebieux"): 1,
        ("59553", "Cuincy"): 2,
        ("59552", "Lambres-lez-Douai"): 1,
        ("59287", "Guesnain"): 1,
        ("59182", "Montigny-en-Ostrevent"): 1,
        ("59167", "Lallaing"): 2,
        ("59286", "Roost-Warendin"): 1,
    },
    "Valenciennois": {
        ("59300", "Valenciennes"): 12,
        ("59410", "Anzin"): 4,
        ("59220", "Denain"): 6,
        ("59590", "Raismes"): 3,
        ("59770", "Marly"): 3,
        ("59880", "Saint-Saulve"): 2,
        ("59860", "Bruay-sur-l’Escaut"): 3,
        ("59163", "Condé-sur-l’Escaut"): 2,
        ("59690", "Vieux-Condé"): 2,
        ("59970", "Fresnes-sur-Escaut"): 2,
        ("59264", "Onnaing"): 2,
        ("59125", "Trith-Saint-Léger"): 1,
        ("59192", "Beuvrages"): 1,
        ("59282", "Douchy-les-Mines"): 2,
        ("59111", "Bouchain"): 1,
        ("59278", "Escautpont"): 1,
    },
}
SECTORS = Weighted({"Cambrésis": 30, "Douaisis": 33, "Valenciennois": 37})
TOWNS_OF = {sector: Weighted(towns) for sector, towns in TOWNS.items()}

STREET_KINDS = Weighted(
    {
        "rue": 60,
        "avenue": 12,
        "allée": 10,
        "boulevard": 5,
        "place": 4,
        "impasse": 3,
        "résidence": 2,
        "chemin": 2,
        "cour": 1,
    }
)
STREET_NAMES = names("""
des Martinets, du Pont-Rouge, de la Briqueterie, des Trois-Moulins, du Carillon, des Dentellières, du
Puits-Neuf, de la Fosse-Sainte-Barbe, des Glacis, du Rivage, de la Sucrerie, des Tullistes, du Vieux-Lavoir, de
l’Ancienne-Gare, des Bateliers, de la Chicorée, du Marais-Fleuri, des Roseaux, du Terril-Vert, de la
Lampisterie, des Galibots, du Beffroi-d’Argent, de la Porte-de-Bois, des Capucines, du Moulin-à-Eau, de la
Verrerie-Haute, des Charmilles, de l’Écluse-Folie, des Peupliers-Blancs, du Gros-Caillou, des Houblons, de la
Ducasse, du Colombier, des Fileuses, de la Grande-Borne, des Sarrasins, du Petit-Séminaire, de la Malterie, des
Quatre-Vents, du Bois-Joli, des Linières, de l’Abreuvoir, du Chevalet, de la Mare-aux-Joncs, des Cheminots, du
Baudet, des Géants, de la Cense, du Coron-Neuf, de la Navette, des Orfèvres, du Blanc-Pignon, de l’Aubépine, des
Mésanges, du Chat-Huant, de la Croisette
""")
RESIDENCE_NAMES = names("""
Les Tilleuls, Le Clos des Martinets, Les Terrasses de l’Escaut, Les Jardins de la Scarpe, Le Parc de la Sensée,
Les Dentellières, Le Carillon, Les Galibots, Le Beau Séjour, Les Acacias, La Briqueterie, Les Glycines, Le
Colombier, Les Charmilles, Le Moulin Blanc, Les Bateliers, La Malterie, Les Hirondelles, Le Vieux Puits, Les
Coquelicots, Les Bleuets, La Sucrerie, Le Pré Fleuri, Les Quatre Vents, Le Grand Rivage, Les Érables, Les
Platanes, Le Verger, La Navette, Les Fileuses, Les Tullistes, Le Petit Marais, Les Géants, L’Écluse, L’Aubépine,
Les Orfèvres, Le Lavoir, Les Roseaux, La Cense, Les Mésanges, Le Chevalet, La Croisette, Les Saules, Le Coron
Neuf, Les Lilas, Les Peupliers, La Verrerie, Les Cheminots, Le Blanc Pignon, La Ducasse, Les Noisetiers, Les
Primevères, Le Belvédère, Les Capucines, La Roseraie, Les Sorbiers, Le Parc aux Cerfs, Les Houblons, La
Lampisterie, Les Alouettes, La Passerelle, Les Cèdres
""")

# name, code, how its tenants' references look, until when its contract runs (years from now, None without an end)
LANDLORDS = (
    ("Les Toits de l’Escaut", "toits-escaut", "TE{:07d}", None),
    ("Foyer de la Sensée", "foyer-sensee", "L/{:06d}/01", 3),
    ("Ostrevent Logis", "ostrevent-logis", "OL-{:06d}", None),
    ("La Maison du Beffroi", "maison-beffroi", "{:08d}B", 2),
)
# Where their invoices go, and a SIREN of theirs: no such number has been given to anybody.
LANDLORD_OFFICES = {
    "toits-escaut": ("3 quai des Mariniers", "59300", "Valenciennes", "999012073"),
    "foyer-sensee": ("18 rue de la Sous-Préfecture", "59400", "Cambrai", "999134687"),
    "ostrevent-logis": ("40 rue des Galibots", "59490", "Somain", "999261852"),
    "maison-beffroi": ("7 place du Barlet", "59500", "Douai", "999380421"),
}
SHORTER_RETENTION = {"maison-beffroi": 12}  # months, by contract
LANDLORD_CONTACTS = (
    ("Responsable d’astreinte", "astreinte"),
    ("Chargé de clientèle", "clientele"),
    ("Responsable de secteur", "secteur"),
    ("Gardien référent", "gardien"),
)

T = Trade
PROVIDERS = (
    ("Plomberie Scarpe Dépannage", (T.PLUMBING, T.HOT_WATER), 3),
    ("Sanitherm du Hainaut", (T.PLUMBING, T.HEATING, T.HOT_WATER, T.GAS), 4),
    ("Chauffage Cambrésis Service", (T.HEATING, T.HOT_WATER, T.GAS), 3),
    ("Thermo-Nord Exploitation", (T.HEATING, T.HOT_WATER), 2),
    ("Ascenseurs du Beffroi", (T.LIFT,), 3),
    ("Élévation Escaut", (T.LIFT,), 2),
    ("Courant Clair Électricité", (T.ELECTRICITY, T.LIGHTING, T.AERIAL), 3),
    ("Élec Ostrevent", (T.ELECTRICITY, T.LIGHTING), 2),
    ("Serrurerie des Trois Clochers", (T.LOCKS, T.SAFETY), 3),
    ("Vitrerie-Menuiserie Delmotte & Fils", (T.GLAZING, T.LOCKS, T.MAINTENANCE), 2),
    ("Couverture Haute-Deûle", (T.ROOF, T.SAFETY), 2),
    ("Antennes et Réseaux du Douaisis", (T.AERIAL,), 2),
    ("Hygiène Hainaut 3D", (T.PESTS,), 2),
    ("Sécurité Bâtiment Réactive", (T.SAFETY, T.LOCKS, T.GLAZING, T.MAINTENANCE), 1),
)

CONTRACT_ENDS = "Élec Ostrevent"
CLAUSES_READ = {"Hygiène Hainaut 3D": 5}  # of the eight of article 28; the others' are all there
ON_CALL_TRADES = {
    "toits-escaut": [T.PLUMBING, T.ELECTRICITY, T.HEATING, T.GAS, T.LIFT, T.LOCKS, T.SAFETY],
    "ostrevent-logis": [T.PLUMBING, T.HEATING, T.GAS, T.LIFT, T.ELECTRICITY],
}  # the others: where an emergency is possible

K = Equipment.Kind
EQUIPMENT = {
    "tower": (K.LIFT, K.LIFT, K.BOILER, K.HOT_WATER, K.WATER_PUMP, K.ENTRANCE, K.AERIAL, K.VENTILATION),
    "block": (K.LIFT, K.BOILER, K.ENTRANCE, K.GARAGE_DOOR, K.AERIAL),
    "small": (K.ENTRANCE, K.AERIAL),
    "houses": (),
}
BUILDINGS = Weighted({"tower": 15, "block": 45, "small": 25, "houses": 15})
ACCESS_LABELS = ("Hall d’entrée", "Boîte à clés du gardien", "Local technique", "Portail du parking")

A = SafetyAlert.Kind
ALERTS = (
    (A.TWO_WORKERS, "Se présenter à deux, prévenir le gardien en arrivant."),
    (A.AGGRESSION, "Rappeler le bureau avant d’entrer et en sortant."),
    (A.ANIMAL, "Chien : demander par téléphone de l’enfermer avant de monter."),
    (A.ASBESTOS, "Colles de sol amiantées : ni perçage ni ponçage sans accord du bailleur."),
    (A.GAS, "Arrivée de gaz plombée : ne pas remettre en service."),
    (A.ELECTRICITY, "Colonne électrique provisoire : couper au tableau du hall avant d’intervenir."),
    (A.STRUCTURE, "Balcons interdits d’accès jusqu’à la fin des travaux."),
    (A.ACCESS, "Escalier de cave glissant et sans lumière : venir avec une lampe."),
)
