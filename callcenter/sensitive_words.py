"""
Words that free text should not hold: health, religion, origin, opinions, union, sexuality, offences, insults.

GDPR articles 9 and 10, CNIL's advice on "zones de commentaires". The list warns, it does not forbid: an agent may
justify one ("the fire service asked whether he uses oxygen"). Matching ignores case and accents; each stem carries
its inflections, and everyday words of the desk (« dans le noir », « porte condamnée », « chauffage malade ») that
would cry wolf are left out.
"""

import re
import unicodedata

# Stems without accents; what follows the bar are the endings a word may take ("" is the bare stem).
STEMS: dict[str, tuple[str, ...]] = {
    "santé": (
        "malad|e,es,ie,ies,if,ifs,ive,ives", "cancer|,s,eux,euse", "handicap|,s,e,es,ee,ees", "diabet|e,ique,iques",
        "depress|ion,ions,if,ifs,ive,ives", "alcool|ique,iques,isme,ise,isee", "toxicoman|e,es,ie", "drogu|e,es,ee,ees",
        "seropositi|f,fs,ve,ves", "schizophren|e,es,ie", "bipolaire|,s", "psychiatr|ie,ique,iques,e,es", "psychotique|,s",
        "epileps|ie", "epileptique|,s", "autis|te,tes,me", "trisomi|e,que,ques", "demen|ce,t,ts,te,tes", "alzheimer|",
        "parkinson|", "chimiotherapie|,s", "hospitalis|e,ee,es,ees,ation,ations", "medicament|,s", "traitement medical|",
        "invalid|e,es,ite", "senil|e,es,ite", "suicid|e,es,er,aire,aires", "avortement|,s", "avort|e,ee,er", "sida|", "vih|",
        "covid|", "hepatite|,s", "asthm|e,atique,atiques", "infirm|e,es,ite", "aveugle|,s", "sourd|,s,e,es", "obes|e,es,ite",
    ),
    "religion": (
        "musulman|,s,e,es", "islam|,ique,iques,iste,istes", "juif|,s", "juive|,s", "catholique|,s", "chretien|,s,ne,nes",
        "protestant|,s,e,es", "bouddhiste|,s", "athee|,s", "evangelique|,s", "temoin de jehovah|", "temoins de jehovah|",
        "ramadan|", "mosquee|,s", "synagogue|,s", "imam|,s", "voilee|,s", "halal|", "casher|",
    ),
    "origine": (
        "arabe|,s", "maghrebin|,s,e,es", "africain|,s,e,es", "algerien|,s,ne,nes", "marocain|,s,e,es", "tunisien|,s,ne,nes",
        "rom|s", "gitan|,s,e,es", "tsigane|,s", "manouche|,s", "etranger|,s", "etrangere|,s", "immigr|e,es,ee,ees,ation",
        "migrant|,s,e,es", "refugi|e,es,ee,ees", "clandestin|,s,e,es", "sans papiers|", "sans-papiers|", "race|,s", "ethni|e,es,que,ques",
        "turc|,s", "turque|,s", "roumain|,s,e,es", "bulgare|,s", "noirs|", "personne de couleur|",
    ),
    "opinions": (
        "communiste|,s", "socialiste|,s", "gauchiste|,s", "fasciste|,s", "extreme droite|", "extreme gauche|", "royaliste|,s",
        "lepeniste|,s", "macroniste|,s", "anarchiste|,s", "militant|,s,e,es", "complotiste|,s",
    ),
    "syndicat": ("syndiqu|e,es,ee,ees", "syndicaliste|,s", "cgt|", "cfdt|", "cftc|", "greviste|,s", "delegue syndical|", "deleguee syndicale|"),
    "sexualité": (
        "homosexuel|,s,le,les", "homo|,s", "lesbienne|,s", "gay|,s", "bisexuel|,s,le,les", "transsexuel|,s,le,les", "transgenre|,s",
        "prostitu|e,ee,es,ees,tion", "pede|,s", "gouine|,s", "travesti|,s",
    ),
    "infractions": (
        "delinquant|,s,e,es", "voleur|,s", "voleuse|,s", "dealer|,s", "dealeur|,s", "trafiquant|,s", "criminel|,s,le,les", "prison|,s",
        "incarcer|e,ee,es,ees", "detenu|,s,e,es", "garde a vue|", "casier judiciaire|", "bracelet electronique|", "condamne pour|",
        "condamnee pour|", "pedophile|,s", "violeur|,s", "fiche s|", "squatteur|,s", "squatteuse|,s", "fraudeur|,s", "fraudeuse|,s",
    ),
    "insultes": (
        "con|,s,ne,nes", "connard|,s", "connasse|,s", "abruti|,s,e,es", "cretin|,s,e,es", "debile|,s", "imbecile|,s", "idiot|,s,e,es",
        "salaud|,s", "salope|,s", "putain|", "pute|,s", "encul|e,es", "merdeu|x,se,ses", "cassos|", "cas social|", "cas sociaux|", "tare|e,es,s",
        "fou|,s", "folle|,s", "dingue|,s", "clochard|,s,e,es", "ivrogne|,s", "poivrot|,s,e,es", "feignant|,s,e,es", "faineant|,s,e,es",
        "menteu|r,rs,se,ses", "chieu|r,rs,se,ses", "casse couilles|", "parasite|,s", "bougnoule|,s", "negre|,s", "racaille|,s",
        "bourre|,s,e,es", "ivre|,s",
    ),
}  # fmt: skip


def forms(stem: str) -> list[str]:
    root, endings = stem.split("|")
    return [root + ending for ending in endings.split(",")]


WORDS = {form: category for category, stems in STEMS.items() for stem in stems for form in forms(stem)}
ANY_WORD = re.compile(r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True)) + r")(?!\w)")


def plain(text: str) -> str:
    """Lower-case and accent-free, character for character, so that a place in it is a place in `text`."""
    return "".join(unicodedata.normalize("NFD", char.lower())[0] for char in text)


def sensitive_words(text: str) -> list[str]:
    """The sensitive words of a text as they were typed, in order, each once."""
    text = unicodedata.normalize("NFC", text)
    found = (text[match.start() : match.end()] for match in ANY_WORD.finditer(plain(text)))
    return list(dict.fromkeys(found))


def categories(text: str) -> list[str]:
    return list(dict.fromkeys(WORDS[match.group()] for match in ANY_WORD.finditer(plain(text))))
