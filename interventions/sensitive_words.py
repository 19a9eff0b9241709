"""
Words that free text should not hold: health, religion, origin, opinions, union, sexuality, offences, insults.

GDPR articles 9 and 10, CNIL's advice on "zones de commentaires". The list warns, it does not forbid: an agent may
justify one ("the fire service asked whether he uses oxygen"). Matching ignores case and accents. What the desk says
every day with such a word (« bruit sourd », « porte condamnée pour travaux ») does not cry wolf.
"""

import re
import unicodedata
from collections.abc import Iterator

from accounts.names import clean_text

# Without accents. What follows a bar are the endings the stem may take; an empty one is the bare stem.
STEMS = {
    "health": """
        malad|e,es,ie,ies,if,ifs,ive,ives; cancer|,s,eux,euse; handicap|,s,e,es,ee,ees; diabet|e,ique,iques
        dement|,s,e,es; depress|ion,ions,if,ifs,ive,ives; alcool|,ique,iques,isme,ise,ises,isee,isees; toxico|,s
        toxicoman|e,es,ie; drogu|e,es,ee,ees; seropositi|f,fs,ve,ves; schizophren|e,es,ie; bipolaire|,s
        psychiatr|ie,ique,iques,e,es; psychotique|,s; epileps|ie; epileptique|,s; autis|te,tes,me; trisomi|e,que,ques
        demence; alzheimer; parkinson; chimiotherapie|,s; hospitalis|e,ee,es,ees,ation,ations; medicament|,s
        traitement medical; invalid|e,es,ite; senil|e,es,ite; suicid|e,es,er,aire,aires; avortement|,s; avort|e,ee,er
        sida; vih; covid; hepatite|,s; asthm|e,atique,atiques; infirm|e,es,ite; infirmier|,s; infirmiere|,s; aveugle|,s
        sourd|,s,e,es; obes|e,es,ite; sous oxygene; dialys|e,es,ee,ees; pacemaker; respirateur; fauteuil roulant
        mobilite reduite; avc; crise cardiaque; est enceinte; etait enceinte; dame enceinte; femme enceinte
        locataire enceinte; voisine enceinte
    """,
    "religion": """
        musulman|,s,e,es; islam|,ique,iques,iste,istes; juif|,s; juive|,s; catholique|,s; chretien|,s,ne,nes
        protestant|,s,e,es; bouddhiste|,s; athee|,s; evangelique|,s; temoin de jehovah; temoins de jehovah; ramadan
        mosquee|,s; synagogue|,s; imam|,s; voilee|,s; halal; casher
    """,
    "origin": """
        arabe|,s; maghrebin|,s,e,es; africain|,s,e,es; algerien|,s,ne,nes; marocain|,s,e,es; tunisien|,s,ne,nes; roms
        gitan|,s,e,es; tsigane|,s; manouche|,s; etranger|,s; etrangere|,s; immigr|e,es,ee,ees,ation; migrant|,s,e,es
        refugi|e,es,ee,ees; clandestin|,s,e,es; sans papiers; sans-papiers; race|,s; ethni|e,es,que,ques; turc|,s
        turque|,s; roumain|,s,e,es; bulgare|,s; un noir; les noirs; des noirs; une noire; personne de couleur
    """,
    "opinions": """
        communiste|,s; socialiste|,s; gauchiste|,s; fasciste|,s; extreme droite; extreme gauche; royaliste|,s
        lepeniste|,s; macroniste|,s; anarchiste|,s; militant|,s,e,es; complotiste|,s
    """,
    "union": """
        syndiqu|e,es,ee,ees; syndicaliste|,s; cgt; cfdt; cftc; greviste|,s; delegue syndical; deleguee syndicale
    """,
    "sexuality": """
        homosexuel|,s,le,les; homo|,s; lesbienne|,s; gay|,s; bisexuel|,s,le,les; transsexuel|,s,le,les; transgenre|,s
        prostitu|e,ee,es,ees,tion; pede|,s; gouine|,s; travesti|,s
    """,
    "offences": """
        delinquant|,s,e,es; voleur|,s; voleuse|,s; dealer|,s; dealeur|,s; trafiquant|,s; criminel|,s,le,les; prison|,s
        incarcer|e,ee,es,ees,ation; detenu|,s,e,es; garde a vue; casier judiciaire; bracelet electronique; condamne pour
        condamnee pour; pedophile|,s; violeur|,s; fiche s; squatteur|,s; squatteuse|,s; fraudeur|,s; fraudeuse|,s
    """,
    "insults": """
        con|,s,ne,nes; connard|,s; connasse|,s; abruti|,s,e,es; cretin|,s,e,es; debile|,s; imbecile|,s; idiot|,s,e,es
        salaud|,s; salope|,s; putain; pute|,s; encul|e,es; merdeu|x,se,ses; cassos; cas social; cas sociaux
        tare|,e,es,s; fou|,s; folle|,s; dingue|,s; clochard|,s,e,es; ivrogne|,s; poivrot|,s,e,es; feignant|,s,e,es
        faineant|,s,e,es; menteu|r,rs,se,ses; chieu|r,rs,se,ses; casse couilles; bougnoule|,s; negre|,s; racaille|,s
        ivre|,s; est bourre; etait bourre; est bourree; etait bourree; completement bourre; completement bourree
    """,
}

# What the desk says every day. Patterns: what they cover is not looked at again.
HARMLESS = (
    r"(?:corps|objets?) etrangers?",
    r"etrangere?s? (?:a l'|au |a la )\w+",
    r"(?:bruit|coup)s? sourds?",
    r"(?:mur|piece|fenetre|angle)s? aveugles?",
    r"(?:code|badge|carte|numero|adresse)s? (?:est )?invalides?",
    r"(?:place|parking|toilettes|wc|rampe|acces)s? (?:pour )?(?:personnes? )?(?:handicape\w*|a mobilite reduite)",
    r"alcool (?:a bruler|menager)",
    r"tentatives? avortees?",
    r"(?:porte|volet|vitre|roue|plaque)s? (?:est )?voilee?s?",
    r"protestant (?:contre|que)",
    r"rue (?:aux|des) juifs",
    r"(?:parl\w+|que|en|langue) (?:que |bien |mal )?(?:l'|le )?(?:arabe|turc|roumain|bulgare)",
    r"a la turque",
    r"(?:s'est|se sont|s'etait|s'etaient) refugi\w+",
    r"(?:depot|branchement|raccordement)s? clandestins?",
    r"sans papiers? d'identite",
    r"(?:chien|chienne|chat)s? de race",
    r"un noir (?:complet|total)",
    r"gay-lussac",
    r"(?:incendie|feu|origine|acte)s? criminel\w*",
    r"detenue?s? par",
    r"condamnee?s? pour (?:travaux|raisons?|securite)",
    r"fiche s'",
    r"(?:est |etait )?bourree?s? d(?:e |')\w+",
    r"comme une? (?:fou|folle)",
)


def forms(stem: str) -> Iterator[str]:
    root, _, endings = stem.strip().partition("|")
    return (root + ending for ending in endings.split(","))


WORDS = {form for stems in STEMS.values() for stem in re.split(r"[;\n]", stems.strip()) for form in forms(stem)}
ANY = re.compile(
    rf"(?<!\w)(?:(?P<harmless>{'|'.join(HARMLESS)})|(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})(?!\w))"
)


def plain(text: str) -> str:
    """Lower-case and accent-free, character for character, so that a place in it is a place in `text`."""
    return "".join(unicodedata.normalize("NFD", char.lower())[0] for char in text).replace("’", "'")


def sensitive_words(text: str) -> list[str]:
    """The sensitive words of a text as they were typed, in order, each once."""
    text = clean_text(text)
    found = (text[match.start() : match.end()] for match in ANY.finditer(plain(text)) if not match["harmless"])
    return list(dict.fromkeys(found))
