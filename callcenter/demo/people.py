"""Names as they are met around Cambrai, Douai and Valenciennes, the commonest first in each list."""

from dataclasses import dataclass
from functools import cache
from random import Random
from unicodedata import normalize

from accounts.models import Language, Title
from callcenter.demo.drawing import Weighted, by_rank


def names(text: str) -> list[str]:
    return [name.strip() for name in text.replace("\n", " ").split(",")]


NORTHERN = names("""
Lefebvre, Dubois, Leroy, Dupont, Lemaire, Carpentier, Leclercq, Delattre, Dumont, Denis, Deschamps, Lecomte,
Caron, Hubert, Legrand, Fontaine, Delannoy, Cuvelier, Duhamel, Fournier, Bailleul, Moreau, Dufour, Wattiez,
Lambert, Lienard, Mercier, Delcroix, Dhaussy, Dubrulle, Marchand, Bonnet, Boulanger, Colin, Cordier, Crépin,
Danjou, Dassonville, Debruyne, Decarpentry, Defossez, Degroote, Delacroix, Delaporte, Delcourt, Delfosse,
Delhaye, Delobel, Delporte, Delsaut, Delval, Demarcq, Denoyelle, Deprez, Derain, Deregnaucourt, Derome,
Deruelle, Desmarets, Desmoutiez, Desprez, Dessaint, Devaux, Devred, Dewailly, Douchet, Dorchies, Druesne,
Dubuisson, Ducarne, Ducrocq, Dufresnoy, Dujardin, Dumoulin, Dupuis, Duquesne, Durieux, Dussart, Dutrieux,
Duvivier, Fauquembergue, Fiévet, Flament, Flandrin, Fleury, Fontenelle, Foulon, Fourmaux, Fremaux, Gabet,
Gallois, Gambier, Gaudin, Gellez, Gilliot, Givre, Godin, Gosselin, Gossart, Goubet, Gransard, Gravelines,
Griffart, Guérin, Guidez, Hannecart, Hautecœur, Havez, Hecquet, Hennebelle, Herbaut, Herlem, Hernould, Hiolle,
Hornez, Houriez, Huart, Jacquemart, Joly, Jonville, Lallemand, Lamand, Laloux, Lancelle, Langlet, Lannoy,
Laurent, Leblanc, Leblond, Lecerf, Lecocq, Ledieu, Ledoux, Leduc, Lefort, Legentil, Lejeune, Lelong, Leleu,
Lemoine, Lenglet, Lenoir, Lepoutre, Leprêtre, Lequeux, Leriche, Lesage, Lescut, Lesne, Lesur, Letombe, Levêque,
Loiseau, Lobry, Locqueneux, Loubry, Luez, Macarez, Machu, Mahieu, Maillard, Mairesse, Malaquin, Mallet, Manesse,
Marlière, Marouzé, Masclet, Masson, Mathon, Menu, Méresse, Mériaux, Michaux, Milleville, Millot, Moity,
Monchaux, Monier, Moniez, Morelle, Mouchon, Moy, Noël, Obin, Obled, Pamart, Parent, Parmentier, Patou, Patin,
Payen, Pécourt, Pelabon, Petit, Pezin, Picavet, Pinchart, Place, Plichon, Pluchart, Poirette, Poteau, Poulain,
Pouille, Preux, Prévost, Pruvost, Quennesson, Quéva, Quiévreux, Raout, Renard, Renaut, Ricq, Richez, Rivart,
Robert, Roger, Rolland, Rousseau, Roussel, Ruelle, Saint-Aubert, Saint-Ghislain, Sauvage, Savary, Sénéchal,
Soufflet, Soyez, Surmont, Taisne, Talmant, Tellier, Théry, Thieffry, Thuillier, Tison, Tonneau, Tordoir,
Trelcat, Tribout, Trinel, Vaillant, Valin, Vasseur, Verdière, Vicaine, Vilain, Villette, Vitrant, Wallart,
Wargny, Watremez, Wauquier, Wiart, Ansart, Arpin, Baillon, Balligand, Bantegnies, Barbieux, Barbier, Basquin,
Bataille, Baudry, Bauduin, Beauvois, Bécar, Bécart, Béghin, Bernard, Berteau, Bertrand, Bérot, Blas, Blondiaux,
Boidin, Boitel, Bombled, Boniface, Boucly, Bouchez, Boulet, Bourgeois, Bourlet, Boutry, Bracq, Brassart,
Bricout, Brisville, Broutin, Bruyère, Buisset, Bulté, Cabaret, Cacheux, Caille, Calonne, Camus, Canonne,
Capelle, Cardon, Carlier, Cartegnies, Casiez, Catteau, Cauchy, Caudrelier, Caudron, Cauvin, Chastelain,
Chevalier, Claisse, Clément, Cochet, Cochez, Coine, Collet, Copin, Coquelle, Cornu, Couplet, Courtin, Cousin,
Coutant, Crombez, Croquefer, D’Hondt, D’Haene, D’Hulst, D’Haussy, De Saint-Léger, Du Bois, L’Hermitte, L’Hoir,
Le Roux, Le Bris, Le Goff, De la Porte
""")
FRENCH = names("""
Martin, Durand, Thomas, Richard, Simon, Michel, Garcia, David, Roux, Vincent, Muller, François, Girard, André,
Garnier, Faure, Blanc, Guérin, Boyer, Gauthier, Perrin, Robin, Nicolas, Morin, Mathieu, Gautier, Chevallier,
Duval, Martinez, Lopez, Sanchez, Gérard, Arnaud, Rey, Roche, Renaud, Meunier, Brun, Blanchard, Giraud, Aubert,
Charpentier, Marie, Dupuy, Charles, Bourgeois, Pierre, Benoît, Lacroix, Rodriguez, Fabre, Philippe, Aubry,
Berger, Perez, Barre, Gillet, Hoarau, Payet, Grondin, Riviere, Boucher, Maillot, Pons, Cléret, Grimaud, Jacquet,
Humbert, Besson, Tessier, Royer, Pichon, Lucas, Verdier, Guichard, Guillot, Bertin, Lebrun, Ménard, Hamel,
Regnier, Pasquier, Adam, Bouvier, Vidal, Weber, Schmitt, Klein, Meyer, Louis, Collin, Jacob, Julien, Remy
""")
POLISH = names("""
Nowak, Kowalczyk, Kaczmarek, Wojcik, Szymanski, Wisniewski, Kowalski, Dudek, Mazurek, Pawlak, Walczak, Banach,
Sobczak, Olejniczak, Kubiak, Wozniak, Krawczyk, Jankowski, Piotrowski, Grabowski, Pawlowski, Michalski,
Adamczyk, Wrobel, Stepien, Gorski, Witkowski, Sikora, Baran, Rutkowski, Szewczyk, Tomczak, Marciniak, Wieczorek,
Jablonski, Majewski, Jaworski, Malinowski, Szczepaniak, Bielak, Gorny, Cieslak, Filipiak, Frackowiak, Glowacki,
Idzik, Jasinski, Jozefiak, Kasprzak, Konieczny, Kosmala, Kostrzewa, Krzyzanowski, Lewandowski, Ludwiczak,
Maciejewski, Matuszak, Mikolajczak, Minkiewicz, Musial, Napierala, Niedzwiecki, Nowicki, Pluskota, Przybyl,
Przybylski, Ratajczak, Rogalski, Skrzypczak, Skowronek, Smigielski, Stachowiak, Stachurski, Swiatek, Szczesny,
Urbaniak, Wasielewski, Wawrzyniak, Wlodarczyk, Wojciechowski, Zielinski, Zawadzki, Zimny, Ziolkowski, Zyla
""")
FLEMISH = names("""
Vandenberghe, Vandamme, Verhaeghe, Desmet, Declercq, Vanhove, Vandeville, Deconinck, Vanhoutte, Vermeersch, Van
de Velde, Van den Bossche, Van Damme, De Smedt, De Backer, Verbeke, Vercruysse, Vansteenkiste, Vandewalle,
Vandeputte, Vandecasteele, Vandermeersch, Demeyer, Demeulemeester, Depoorter, Deroo, Desmedt, Goethals, Hoste,
Lammens, Maes, Meersman, Mestdagh, Naessens, Ost, Pauwels, Peeters, Ryckewaert, Schepens, Staelens, Stevens,
Tanghe, Van Acker, Vanackère, Van Wynsberghe, Vanderbeken, Van Renterghem, Verkindère, Vermeulen, Verschueren,
Verstraete, Wouters, Wyckaert
""")
ITALIAN = names("""
Rossi, Russo, Ferrari, Bianchi, Romano, Ricci, Marino, Greco, Conti, Costa, Mancini, Lombardi, Moretti,
Barbieri, Fontana, Santoro, Caruso, Rinaldi, Ferrara, Galli, Martini, Leone, Longo, Gentile, Martinelli, Vitale,
Lombardo, Serra, Coppola, De Santis, D’Angelo, D’Amico, Marchetti, Parisi, Villa, Conte, Ferraro, Fabbri,
Bianco, Marini, Grasso, Valentini, Messina, Sala, De Angelis, Gatti, Pellegrini, Palumbo, Sanna, Farina, Rizzi,
Monti, Cattaneo, Morelli, Amato, Silvestri, Mazza, Testa, Grassi, Pellegrino, Carbone, Giuliani, Benedetti,
Barone, Rossetti, Caputo, Montanari, Guerra, Palmieri, Bernardi, Martino, Fiore, De Rosa, Piras
""")
MAGHREBI = names("""
Benali, Belkacem, Bouazza, Haddad, Mansouri, Saïdi, Amrani, Bouchama, Cherif, Hamidi, Khelifi, Brahimi, Slimani,
Ziani, Meziane, Ouali, Rahmani, Bensaïd, Benkhaled, Boudjema, Boukhari, Chaoui, Djebbar, El Amrani, El Idrissi,
El Mansouri, El Khattabi, Aït Ali, Aït Ouali, Aït Hamou, Ben Amar, Ben Salah, Ben Youssef, Bouzid, Daoudi,
Fassi, Ghezali, Guerroudj, Hadj Ali, Hamdi, Hammoudi, Idir, Jaafari, Kaci, Kadri, Kassimi, Laïb, Lahcen, Larbi,
Lounès, Maamar, Madani, Mahfoud, Mebarki, Medjahed, Mekki, Merabet, Messaoudi, Mokhtari, Moussaoui, Nasri, Naïm,
Ouahabi, Oukil, Rachedi, Rezgui, Saadi, Sahraoui, Salhi, Selmi, Tahar, Taleb, Tazi, Touati, Yahiaoui, Younsi,
Zaoui, Zeroual, Zerrouki, Zouaoui, Berkane, Bouhassoun, Chérifi, Dahmani, El Ouardi, El Haddad, Ben Brahim
""")
PORTUGUESE = names("""
Da Silva, Ferreira, Pereira, Dos Santos, Rodrigues, Fernandes, Gonçalves, Gomes, Lopes, Marques, Martins, Alves,
Almeida, Ribeiro, Pinto, Carvalho, Teixeira, Moreira, Correia, Mendes, Nunes, Soares, Vieira, Monteiro, Cardoso,
Rocha, Coelho, Cunha, Pires, Ramos, Reis, Simões, Antunes, Matos, Fonseca, Morgado, Machado, De Oliveira, De
Sousa, De Almeida, Da Costa, Da Cruz, Da Rocha, Neves
""")
OTHER = names("""
Nguyen, Yılmaz, Kaya, Demir, Çelik, Diallo, Traoré, Koné, Ndiaye, Diop, Mendy, Camara, Bah, Sow, Tran, Pham,
Popescu, Ionescu, Petrov, Smith, O’Brien, Mbaye, Makélélé, Nkounkou, Tshibangu, Öztürk, Şahin, Yıldız,
Jovanović, Novák, Müller, Sørensen
""")

MEN = names("""
Michel, Jean, Philippe, Nicolas, Thierry, Christophe, Alain, Patrick, Pascal, David, Daniel, Christian,
Frédéric, Laurent, Éric, Julien, Thomas, Stéphane, Sébastien, Bernard, Olivier, Jérôme, Ludovic, Kévin, Anthony,
Jean-Pierre, Maxime, Alexandre, Didier, Bruno, Gérard, Dominique, Romain, Jean-Claude, Mathieu, Francis, Hervé,
Fabrice, Jean-Marie, Jonathan, Guillaume, Vincent, Serge, Jean-Luc, Marc, Franck, Cédric, Benoît, Florian,
Quentin, Jérémy, Dylan, Jordan, Antoine, Arnaud, Benjamin, Claude, Xavier, René, André, Jacques, Jean-Paul,
Robert, Denis, Gilles, Mickaël, Grégory, Valentin, Clément, Jean-Michel, Jean-François, Roger, Guy, Marcel,
Fabien, Adrien, Rudy, Steeve, Steven, Johnny, Bryan, Loïc, Yann, Yannick, Damien, Hugo, Lucas, Théo, Enzo,
Nathan, Léo, Gauthier, Jimmy, Rémi, Rémy, Régis, Raymond, Henri, Maurice, Lucien, Edmond, Émile, Fernand,
Gaston, Georges, Joël, Joseph, Léon, Louis, Marius, Noël, Paul, Pierre, Pierre-Yves, Roland, Yves, Yvon, Albert,
Alfred, Arthur, Augustin, Baptiste, Bastien, Bertrand, Corentin, Cyril, Donovan, Édouard, Emmanuel, Étienne,
Eugène, Félix, Freddy, Gabriel, Gaël, Grégoire, Jason, Jean-Baptiste, Jean-Jacques, Jean-Louis, Jean-Marc,
Jean-Philippe, Jean-Yves, Jules, Justin, Logan, Martial, Matthieu, Mathis, Maël, Mickey, Noa, Raphaël, Richard,
Sacha, Samuel, Simon, Stanislas, Sylvain, Teddy, Tony, Tristan, Victor, William, Willy, Wilfried
""")
WOMEN = names("""
Marie, Nathalie, Isabelle, Sylvie, Catherine, Martine, Christine, Valérie, Sandrine, Véronique, Stéphanie,
Céline, Sophie, Aurélie, Émilie, Patricia, Brigitte, Laurence, Julie, Virginie, Christelle, Nicole, Monique,
Jacqueline, Corinne, Karine, Annie, Delphine, Sabrina, Élodie, Mélanie, Laetitia, Dominique, Chantal, Sandra,
Caroline, Aurore, Audrey, Amandine, Séverine, Peggy, Cindy, Ludivine, Marie-Christine, Marie-Thérèse, Jessica,
Marion, Pauline, Laura, Manon, Marine, Camille, Morgane, Mathilde, Ophélie, Angélique, Anne, Anne-Marie,
Anne-Sophie, Florence, Françoise, Jeanne, Jeannine, Josiane, Danielle, Denise, Évelyne, Ginette, Gisèle,
Huguette, Josette, Lucienne, Marcelle, Marguerite, Marie-Claude, Marie-France, Marie-Louise, Marie-Paule,
Michèle, Mireille, Odette, Paulette, Raymonde, Renée, Simone, Solange, Suzanne, Thérèse, Yvette, Yvonne,
Claudine, Colette, Bernadette, Béatrice, Agnès, Alexandra, Alice, Alison, Allison, Ambre, Amélie, Anaïs, Andrée,
Annabelle, Annick, Axelle, Bénédicte, Blandine, Brenda, Bérengère, Carole, Cathy, Cécile, Charlène, Charlotte,
Chloé, Claire, Clara, Clémence, Coralie, Cyrielle, Dorothée, Édith, Éliane, Élisabeth, Élise, Emma, Estelle,
Eugénie, Eva, Fabienne, Fanny, Flavie, Gaëlle, Geneviève, Ghislaine, Gwendoline, Héloïse, Hélène, Inès, Ingrid,
Irène, Jade, Jennifer, Joëlle, Johanna, Jordane, Justine, Kelly, Laurie, Léa, Léonie, Liliane, Line, Lola,
Louise, Lucie, Lydie, Madeleine, Magali, Maëva, Maryse, Maryline, Mallaury, Mélissa, Muriel, Myriam, Nadège,
Nadine, Noémie, Océane, Odile, Pascale, Perrine, Priscilla, Rachel, Rebecca, Régine, Rita, Romane, Rose, Sarah,
Sévrine, Sonia, Tiffany, Vanessa, Victoria, Viviane, Wendy, Zoé
""")
MEN_MAGHREBI = names("""
Mohamed, Ahmed, Karim, Rachid, Said, Farid, Youssef, Mehdi, Ali, Omar, Hassan, Abdelkader, Samir, Nabil, Kamel,
Mustapha, Bilal, Amine, Yassine, Abdallah, Hicham, Khalid, Djamel, Nordine, Sofiane, Ibrahim, Hakim, Malik,
Tarek, Walid, Reda, Anis, Ayoub, Ilyes, Rayan, Lahcen, Larbi, Brahim, El Hadi, Abdel Karim, Mohamed-Amine,
Salah, Slimane, Tahar, Zakaria, Ismaël, Idriss, Adel, Fouad, Jamel
""")
WOMEN_MAGHREBI = names("""
Fatima, Nadia, Samira, Malika, Fatiha, Khadija, Yasmina, Karima, Rachida, Leïla, Zohra, Amina, Naïma, Houria,
Farida, Nora, Sarah, Inès, Yasmine, Lina, Aïcha, Saïda, Fatma, Fadila, Hafida, Hayat, Imane, Jamila, Kheira,
Latifa, Lila, Meriem, Mounia, Myriam, Nawel, Nassima, Rahma, Rania, Salima, Sabah, Sihem, Siham, Souad, Soraya,
Warda, Widad, Yamina, Zahia, Zineb, Fatima-Zohra, Lalla Aïcha
""")
MEN_ABROAD = names("""
Antonio, Giuseppe, Salvatore, Franco, Mario, Luigi, Domenico, Vito, Carlos, José, Manuel, Joaquim, João, Rui,
Paulo, Fernando, Stanislas, Casimir, Ladislas, Bogdan, Piotr, Tomasz, Jean-Stanislas, Mamadou, Ibrahima, Mehmet,
Mustafa, Emre, Ion, Minh, Kévin, David, Thomas
""")
WOMEN_ABROAD = names("""
Maria, Rosa, Giovanna, Carmela, Concetta, Angela, Lucia, Ana, Fátima, Conceição, Isabel, Teresa, Lurdes,
Hedwige, Wanda, Sophie, Halina, Irena, Agnieszka, Katarzyna, Stéphanie, Jadwiga, Fatou, Aminata, Ayşe, Emine,
Elif, Elena, Lan, Mai, Sandra, Céline
""")

FAMILY_NAMES = {
    "northern": by_rank(NORTHERN),
    "french": by_rank(FRENCH),
    "polish": by_rank(POLISH),
    "flemish": by_rank(FLEMISH),
    "italian": by_rank(ITALIAN),
    "maghrebi": by_rank(MAGHREBI),
    "portuguese": by_rank(PORTUGUESE),
    "other": by_rank(OTHER),
}
ORIGINS = Weighted(
    {
        "northern": 54,
        "french": 17,
        "polish": 9,
        "maghrebi": 8,
        "italian": 4,
        "flemish": 4,
        "portuguese": 2.5,
        "other": 1.5,
    }
)
GIVEN_NAMES = {Title.MR: by_rank(MEN), Title.MRS: by_rank(WOMEN)}
GIVEN_NAMES_OF = {
    "maghrebi": ({Title.MR: by_rank(MEN_MAGHREBI), Title.MRS: by_rank(WOMEN_MAGHREBI)}, 0.88),
    "portuguese": ({Title.MR: by_rank(MEN_ABROAD), Title.MRS: by_rank(WOMEN_ABROAD)}, 0.5),
    "italian": ({Title.MR: by_rank(MEN_ABROAD), Title.MRS: by_rank(WOMEN_ABROAD)}, 0.25),
    "polish": ({Title.MR: by_rank(MEN_ABROAD), Title.MRS: by_rank(WOMEN_ABROAD)}, 0.12),
    "other": ({Title.MR: by_rank(MEN_ABROAD), Title.MRS: by_rank(WOMEN_ABROAD)}, 0.35),
}
LANGUAGES = {
    "maghrebi": (Language.ARABIC, 0.07),
    "polish": (Language.POLISH, 0.03),
    "portuguese": (Language.PORTUGUESE, 0.12),
    "italian": (Language.ITALIAN, 0.03),
    "other": (Language.ENGLISH, 0.25),
}
MAIL_DOMAINS = ("courriel.example", "messagerie.example", "boite.example", "poste.example")


@dataclass(slots=True)
class Identity:
    title: Title
    origin: str
    family_name: str
    given_name: str
    language: Language
    email: str


@cache
def mail_name(name: str) -> str:
    """``Hautecœur`` → ``hautecoeur``"""
    text = normalize("NFD", name.lower().replace("œ", "oe").replace("ø", "o").replace("ı", "i"))
    return "".join(char for char in text if char.isascii() and char.isalnum())


def draw_family_name(rng: Random, origin: str) -> str:
    name = FAMILY_NAMES[origin].draw(rng)
    if rng.random() < 0.045 and "-" not in name:
        second = FAMILY_NAMES[ORIGINS.draw(rng)].draw(rng)
        return name if second == name else f"{name}-{second}"
    return name


def draw_given_name(rng: Random, origin: str, title: Title) -> str:
    own, share = GIVEN_NAMES_OF.get(origin, (GIVEN_NAMES, 0))
    return (own if rng.random() < share else GIVEN_NAMES)[title].draw(rng)


def draw_email(rng: Random, given_name: str, family_name: str) -> str:
    if rng.random() > 0.55:
        return ""
    given, family, domain = mail_name(given_name), mail_name(family_name), rng.choice(MAIL_DOMAINS)
    shape = rng.random()
    if shape < 0.5:
        return f"{given}.{family}@{domain}"
    if shape < 0.75:
        return f"{given[0]}{family}{rng.randrange(50, 99)}@{domain}"
    return f"{family}.{given}59@{domain}"


def draw_identity(rng: Random, *, family: Identity | None = None) -> Identity:
    """Somebody new, or another of a family."""
    origin = family.origin if family else ORIGINS.draw(rng)
    family_name = family.family_name if family else draw_family_name(rng, origin)
    title = Title.MRS if rng.random() < 0.56 else Title.MR
    given_name = draw_given_name(rng, origin, title)
    language, share = LANGUAGES.get(origin, (Language.FRENCH, 0))
    return Identity(
        title=title if rng.random() > 0.03 else Title.UNKNOWN,
        origin=origin,
        family_name=family_name,
        given_name=given_name,
        language=language if rng.random() < share else Language.FRENCH,
        email=draw_email(rng, given_name, family_name),
    )
