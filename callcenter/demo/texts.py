"""What agents write, in the words of the desk. Nothing here is about anybody's health, origin or opinions."""

from interventions.problems import Trade


def typeset(*lines: str) -> tuple[str, ...]:
    """French spacing: no line breaks before ``: ; ! ?`` nor inside ``« »``."""
    for mark in (" :", " ;", " !", " ?", " »"):
        lines = tuple(line.replace(mark, "\N{NO-BREAK SPACE}" + mark[1]) for line in lines)
    return tuple(line.replace("« ", "«\N{NO-BREAK SPACE}") for line in lines)


Lines = tuple[str, ...]


def by_trade(everywhere: Lines, own: dict[Trade, Lines]) -> dict[Trade, Lines]:
    """What is said of any job, and what only of a trade's."""
    return {trade: everywhere + own.get(trade, ()) * 2 for trade in Trade}


DESCRIPTIONS = {
    "leak_ceiling": typeset(
        "L’eau goutte du plafond de la salle de bains depuis une heure.",
        "Auréole au plafond de la cuisine qui s’agrandit, ça goutte près de la hotte.",
        "Fuite venant de l’étage du dessus, le voisin ne répond pas.",
        "L’eau coule le long du mur du couloir, bassines en place.",
        "Plafond des toilettes trempé, l’eau arrive par le passage des tuyaux.",
    ),
    "leak_pipe": typeset(
        "Fuite sous l’évier, robinet d’arrêt fermé.",
        "Le groupe de sécurité du chauffe-eau coule sans arrêt.",
        "Joint du mitigeur de la douche à refaire, goutte à goutte permanent.",
        "Fuite au pied de la colonne, dans la gaine des toilettes.",
        "Le robinet d’arrêt des WC est grippé et suinte.",
    ),
    "blocked_drain": typeset(
        "WC bouchés, seul WC du logement.",
        "L’évier refoule dans la douche quand la machine vidange.",
        "Évacuation de la baignoire bouchée, l’eau stagne.",
        "Colonne bouchée : trois logements touchés sur la même cage.",
    ),
    "no_water": typeset(
        "Plus d’eau depuis ce matin, les voisins du palier aussi.",
        "Pas d’eau dans tout le logement, compteur ouvert.",
        "Pression très faible depuis hier, plus rien ce soir.",
    ),
    "power_cut": typeset(
        "Le disjoncteur saute dès qu’on le relève.",
        "Plus de courant dans la cuisine ni dans le séjour, lumière ailleurs.",
        "Coupure complète, le palier est éclairé.",
        "Différentiel qui tombe après le dégât des eaux du dessus.",
    ),
    "electric_danger": typeset(
        "Étincelle en branchant la bouilloire, prise noircie.",
        "Odeur de brûlé au tableau, disjoncteur général coupé.",
        "Fils à nu au plafonnier de l’entrée après une chute du cache.",
    ),
    "no_heating": typeset(
        "Radiateurs froids depuis hier soir, 15 °C dans le séjour.",
        "Chaudière en défaut, code affiché relevé, redémarrage sans effet.",
        "Chauffage collectif arrêté, tout l’escalier est concerné.",
        "Un seul radiateur sur quatre chauffe.",
        "La chaudière se met en route puis s’arrête au bout d’une minute.",
    ),
    "no_hot_water": typeset(
        "Eau tiède puis froide, ballon de 150 litres.",
        "Plus d’eau chaude depuis deux jours.",
        "Eau chaude absente dans tout l’immeuble.",
        "La veilleuse du chauffe-bain ne tient pas.",
    ),
    "gas_smell": typeset(
        "Odeur de gaz dans la cage d’escalier, au rez-de-chaussée.",
        "Odeur de gaz dans la cuisine, robinet fermé, fenêtres ouvertes, locataire dehors.",
    ),
    "co_alarm": typeset(
        "Le détecteur de monoxyde sonne, logement évacué, chaudière coupée.",
        "Alarme du détecteur près de la chaudière, fenêtres ouvertes.",
    ),
    "lift_trapped": typeset(
        "Une personne bloquée entre le 2e et le 3e, elle parle et va bien.",
        "Cabine arrêtée au 5e, portes fermées, deux personnes à l’intérieur.",
    ),
    "lift_down": typeset(
        "Ascenseur arrêté au rez-de-chaussée, portes ouvertes.",
        "L’ascenseur ne répond plus aux appels depuis ce midi.",
        "Cabine bloquée au 4e, vide, bruit anormal avant l’arrêt.",
        "Ascenseur en panne, seul ascenseur de l’escalier.",
    ),
    "locked_out": typeset(
        "Porte claquée, clés à l’intérieur.",
        "Clé cassée dans la serrure.",
        "Serrure bloquée, la clé tourne dans le vide.",
    ),
    "broken_in": typeset(
        "Porte forcée pendant l’absence du locataire, ne ferme plus. Police passée.",
        "Serrure arrachée, porte à sécuriser pour la nuit.",
    ),
    "entrance_stuck": typeset(
        "La porte du hall ne s’ouvre plus au badge.",
        "Porte de garage bloquée à mi-hauteur.",
        "L’interphone ne commande plus la gâche.",
        "Le portail du parking reste ouvert.",
    ),
    "broken_window": typeset(
        "Vitre de la chambre fendue, tient encore.",
        "Carreau cassé par le vent, rez-de-chaussée côté rue.",
        "Vitrage de la porte du hall brisé, morceaux au sol.",
    ),
    "roof_leak": typeset(
        "Tuiles envolées, il pleut dans la chambre du haut.",
        "Infiltration au dernier étage, tache au plafond depuis la pluie de cette nuit.",
        "Gouttière décrochée, menace de tomber sur le passage.",
    ),
    "lighting_common": typeset(
        "Plus de lumière dans l’escalier, minuterie sans effet.",
        "Hall et sous-sol dans le noir.",
        "Les paliers du 1er et du 2e ne s’éclairent plus.",
    ),
    "no_tv": typeset(
        "Plus aucune chaîne depuis l’orage.",
        "Image figée sur la TNT, même chose chez le voisin.",
    ),
    "pests": typeset(
        "Cafards dans la cuisine et sur le palier.",
        "Nid de guêpes dans le coffre du volet.",
        "Rats vus dans le local à poubelles.",
        "Souris dans les combles, traces dans la cuisine.",
    ),
    "fire": typeset(
        "Feu de poubelle éteint par les pompiers, hall enfumé, porte brûlée.",
        "Fumée dans les caves, pompiers sur place.",
    ),
    "danger_common": typeset(
        "Rampe descellée au 2e étage.",
        "Morceau de façade tombé sur le trottoir, zone balisée.",
        "Garde-corps du palier qui bouge.",
    ),
}

ON_OPENING = by_trade(
    typeset(
        "Locataire prévenu du délai, sera présent.",
        "Le locataire demande à être appelé avant le passage.",
        "Accès par le hall, code communiqué au prestataire.",
        "Interphone en panne : appeler en arrivant.",
        "Le locataire rentre du travail à 18 h, préfère après.",
        "Photo promise par le locataire, à joindre dès réception.",
        "Même panne signalée par un voisin du palier.",
        "Le locataire s’impatiente, deuxième panne du trimestre.",
        "Stationnement difficile devant l’entrée, passer par l’arrière.",
        "Le gardien est prévenu et ouvrira le local.",
    ),
    {
        Trade.PLUMBING: typeset(
            "Le locataire a coupé l’arrivée d’eau générale.",
            "Voisin du dessus prévenu, il laissera entrer.",
            "Compteur d’eau dans la gaine du palier.",
        ),
        Trade.HEATING: typeset("Radiateur électrique d’appoint prêté par un voisin.", "Chaudière dans la cuisine."),
        Trade.LIFT: typeset("Habitants informés par affichette dans le hall.", "Livraison prévue ce matin au 4e."),
        Trade.LOCKS: typeset(
            "Attend sur le palier, joignable sur ce numéro.", "Un double existe chez la sœur, à Douai."
        ),
    },
)
ADVICE_GIVEN = by_trade(
    typeset(
        "Conseils du script lus et compris.",
        "Rappelé que le déplacement peut être facturé si la panne vient d’un appareil personnel.",
        "Demandé de rester joignable jusqu’au passage.",
    ),
    {
        Trade.PLUMBING: typeset(
            "Demandé de couper l’eau au compteur : fait pendant l’appel.",
            "Demandé de dégager l’accès sous l’évier.",
            "Demandé de ne pas allumer la lumière dans la pièce mouillée.",
        ),
        Trade.ELECTRICITY: typeset("Demandé de ne toucher ni aux prises ni au tableau."),
        Trade.GAS: typeset("Demandé d’aérer et de rester dehors jusqu’à l’arrivée du technicien."),
        Trade.LOCKS: typeset("Demandé de garder une pièce d’identité et un justificatif pour le serrurier."),
        Trade.LIFT: typeset("Demandé de ne pas utiliser l’ascenseur, y compris s’il repart seul."),
    },
)
ON_DISPATCH = typeset(
    "Transmis par téléphone, départ dans le quart d’heure.",
    "Technicien d’astreinte joint au second appel.",
    "Prestataire : arrivée prévue dans 45 minutes.",
    "Prestataire déjà sur un dépannage à côté, enchaîne ensuite.",
    "Message laissé au prestataire, rappelle sous dix minutes.",
    "Pièce probablement nécessaire, le technicien passe au dépôt.",
    "Coordonnées et code d’accès donnés au technicien.",
)
ON_DONE = by_trade(
    typeset(
        "Dépannage provisoire, devis à suivre au bailleur.",
        "Réparation faite, le locataire confirme que tout fonctionne.",
        "Intervention terminée, bon signé par le locataire.",
    ),
    {
        Trade.PLUMBING: typeset(
            "Joint remplacé, plus de fuite.",
            "Débouchage fait, écoulement normal.",
            "Vanne d’arrêt changée, remise en eau de l’étage.",
        ),
        Trade.HEATING: typeset(
            "Purge et remise en pression, température remontée à 19 °C.",
            "Chaudière réarmée, sonde à surveiller.",
        ),
        Trade.HOT_WATER: typeset(
            "Résistance remplacée, eau chaude d’ici deux heures.", "Thermocouple changé, veilleuse stable."
        ),
        Trade.ELECTRICITY: typeset(
            "Prise remplacée, différentiel testé.", "Appareil en défaut isolé, courant rétabli."
        ),
        Trade.LIFT: typeset(
            "Contact de porte réglé, remise en service après essais.", "Carte électronique réarmée, à surveiller."
        ),
        Trade.LOCKS: typeset("Cylindre changé, deux clés remises contre signature.", "Porte ouverte sans dégât."),
        Trade.GLAZING: typeset("Vitrage sécurisé par un panneau, mesures prises."),
        Trade.ROOF: typeset("Bâchage fait, réfection à programmer.", "Tuiles remises en place."),
        Trade.PESTS: typeset("Traitement posé, second passage dans trois semaines.", "Nid retiré."),
        Trade.LIGHTING: typeset("Minuterie remplacée, éclairage rétabli à tous les étages."),
        Trade.AERIAL: typeset("Amplificateur remplacé, toutes les chaînes reviennent."),
        Trade.GAS: typeset("Recherche de fuite négative, raccord resserré et contrôlé.", "Flexible périmé remplacé."),
        Trade.SAFETY: typeset("Zone balisée et sécurisée, reprise à programmer par le bailleur."),
    },
)
ON_FOLLOW_UP = typeset(
    "Le locataire demande où en est le dépannage : délai confirmé.",
    "Le locataire rappelle, personne n’est encore passé. Prestataire relancé.",
    "Le technicien est passé mais la panne est revenue, à signaler au prestataire.",
    "Demande à décaler le passage en fin de journée.",
    "Le locataire signale que cela empire, priorité revue avec le prestataire.",
    "Informé de l’heure du rendez-vous, sera présent.",
    "Le locataire remercie, rien à ajouter.",
)
ON_INFORMATION = typeset(
    "Question sur la date de coupure d’eau affichée dans le hall : renseigné.",
    "Demande les horaires de l’agence : donnés.",
    "Souhaite suivre un devis : orienté vers l’agence aux heures d’ouverture.",
    "Demande comment réarmer le disjoncteur : expliqué, tout est reparti.",
    "Bruit de ventilation : relève des heures d’ouverture, noté pour le secteur.",
    "Question sur la régularisation des charges : voir l’agence.",
    "Demande le numéro de la compagnie des eaux : donné.",
    "Radiateur à purger : marche à suivre donnée.",
)
ON_REFERRED = typeset(
    "Panne de quartier, orienté vers le dépannage d’Enedis.",
    "Nuisances sonores : orienté vers le gardien puis la police municipale.",
    "Box internet en panne : orienté vers son opérateur.",
    "Demande de mutation : orienté vers l’agence.",
    "Véhicule gênant devant le garage : orienté vers la police municipale.",
    "Hors contrat : orienté selon la consigne du bailleur.",
)
ON_SHIFT = typeset(
    "Nuit calme, rien de particulier.",
    "Soirée chargée entre 18 h et 20 h, attente jusqu’à quatre minutes.",
    "Ligne du prestataire ascenseurs perturbée en début de poste, rétablie.",
    "Clés du local technique des Tilleuls rendues au gardien.",
    "Coups de vent annoncés : trois couvreurs prévenus.",
    "Le bailleur signale une coupure d’eau programmée demain de 9 h à 12 h.",
    "Deux appels du même numéro masqué, sans parole.",
    "Astreinte chauffage : changement de technicien à partir de minuit.",
    "Poste 3 : casque défectueux, remplacé.",
    "Relève faite, dossiers en attente passés en revue.",
)
ON_INCIDENT = typeset(
    "Panne générale confirmée par le prestataire, technicien en route.",
    "Pièce commandée, retour en service prévu demain matin.",
    "Affichage demandé au gardien dans le hall.",
    "Bailleur prévenu par téléphone.",
    "Remise en service, essais en cours.",
)
INCIDENT_CLOSED = typeset("Remise en service confirmée par le prestataire.", "Réparation faite, essais concluants.")

REASONS = {
    "no_access": typeset(
        "Personne à l’interphone, avis de passage laissé.",
        "Locataire absent, ne répond pas au téléphone.",
        "Chien non attaché, le technicien n’est pas entré.",
        "Local technique fermé, gardien absent.",
    ),
    "follow_on": typeset(
        "Pièce à commander.",
        "Second passage à deux techniciens.",
        "Devis à valider par le bailleur.",
        "Réparation définitive à programmer avec le gardien.",
    ),
    "refused": typeset(
        "Appareil personnel du locataire : à sa charge.",
        "Partie privative hors contrat, orienté vers l’agence.",
        "Travaux déjà programmés par le bailleur, date communiquée.",
        "Hors contrat selon la consigne du bailleur, locataire orienté.",
    ),
    "cancelled": typeset(
        "Le locataire rappelle : c’est réparé.",
        "Panne de réseau terminée, tout est revenu.",
        "Doublon d’une autre demande.",
    ),
    "reopened": typeset(
        "La panne est revenue le lendemain.",
        "Panne identique moins d’une semaine après.",
        "Le locataire signale que rien n’a été réparé.",
    ),
    "redispatched": typeset(
        "Le premier prestataire n’est pas disponible.",
        "Sans réponse du prestataire, passé au suivant.",
    ),
    "overridden": typeset(
        "Le locataire peut attendre demain.",
        "Déjà un technicien sur place dans la rue.",
        "Situation plus grave que le script ne le dit.",
        "Demande expresse du bailleur.",
        "Accès impossible avant demain matin.",
    ),
}
DORMANT_CLOSED = typeset("Sans nouvelle depuis 60 jours : close par le système.")
COMPLAINT_SUBJECTS = typeset(
    "Retard de l’intervention",
    "Réparation qui n’a pas tenu",
    "Logement laissé sale",
    "Rendez-vous manqué",
    "Attente au téléphone",
)
COMPLAINTS = typeset(
    "Le technicien est venu avec quatre heures de retard, j’avais pris ma matinée.",
    "La fuite est revenue deux jours après la réparation.",
    "Personne n’est venu au rendez-vous et personne ne m’a prévenu.",
    "J’ai attendu vingt minutes au téléphone avant qu’on me réponde.",
    "Le palier est resté plein de gravats après le passage de l’entreprise.",
)
ON_COMPLAINT = typeset(
    "Réclamation bien reçue, nous interrogeons le prestataire.",
    "Nous reprenons l’historique et revenons vers vous sous dix jours.",
)
COMPLAINT_ANSWERS = typeset(
    "Le retard est reconnu, le prestataire a été rappelé à ses délais.",
    "Une nouvelle visite a été faite à nos frais, la réparation tient.",
    "Nos enregistrements de passage montrent un avis laissé sur la porte : la réclamation n’est pas retenue.",
    "L’entreprise a nettoyé le palier, nous vous prions de nous excuser.",
)
