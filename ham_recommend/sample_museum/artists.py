"""Invented artists and workshops, and who borrowed what from whom.

Nobody here ever lived. ``borrowed`` names an earlier artist for a palette, a manner or a motif: that is the
planted truth, so the later artist's palette, manner or motif is the very one of the artist named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Trait = Literal["palette", "manner", "motif"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """Someone who made works.

    Parameters
    ----------
    name : str
        As the museum writes it.
    born, died : int
        Years, negative = BCE; for a workshop, when it worked.
    culture : str
        As the museum files it.
    movement : str
        The company the artist kept.
    palette, manners, motifs
        How and what: names from the tables of palettes, manners and motifs; the first is the one most used.
    borrowed : mapping of trait to str
        Name of the earlier artist it comes from.
    period : str
        Dynasty or period.
    workshop : bool
        Whether no maker is known by name.
    """

    name: str
    born: int
    died: int
    culture: str
    movement: str
    palette: str
    manners: tuple[str, ...]
    motifs: tuple[str, ...]
    borrowed: dict[Trait, str] = field(default_factory=dict)
    period: str = ""
    workshop: bool = False

    @property
    def working(self) -> tuple[int, int]:
        """First and last year of works."""
        return (self.born, self.died) if self.workshop else (self.born + 21, min(self.died, 1990))


def _artist(
    name: str, years: str, culture: str, movement: str, look: str, motifs: str, **borrowed: str
) -> Artist:
    """Read ``look`` as ``palette / manner, manner`` and ``motifs`` as a list between commas."""
    born, died = (int(year) for year in years.split("–"))
    palette, _, manners = look.partition(" / ")
    traits: dict[Trait, str] = {
        trait: borrowed[trait] for trait in ("palette", "manner", "motif") if trait in borrowed
    }
    return Artist(
        name=name,
        born=born,
        died=died,
        culture=culture,
        movement=movement,
        palette=palette,
        manners=tuple(manners.split(", ")),
        motifs=tuple(motifs.split(", ")),
        borrowed=traits,
    )


def _workshop(name: str, years: tuple[int, int], culture: str, period: str, look: str, motifs: str) -> Artist:
    palette, _, manners = look.partition(" / ")
    return Artist(
        name=name,
        born=years[0],
        died=years[1],
        culture=culture,
        movement="Ancient workshops",
        palette=palette,
        manners=tuple(manners.split(", ")),
        motifs=tuple(motifs.split(", ")),
        period=period,
        workshop=True,
    )


ARTISTS: tuple[Artist, ...] = (
    _artist(
        "Cornelis van der Laeck",
        "1589–1661",
        "Dutch",
        "Golden Age",
        "amber / chiaroscuro, oil",
        "portrait, ships, fruit",
    ),
    _artist(
        "Lucía Benavente y Mora",
        "1612–1679",
        "Spanish",
        "Tenebrism",
        "candle / chiaroscuro",
        "portrait, fruit, flowers",
        manner="Cornelis van der Laeck",
        motif="Cornelis van der Laeck",
    ),
    _artist(
        "Étienne Vaucresson",
        "1598–1667",
        "French",
        "Early printmakers",
        "smoke / etching",
        "portrait, castle, city, ships",
    ),
    _artist(
        "Judith Leysdael",
        "1631–1694",
        "Dutch",
        "Golden Age",
        "amber / oil, chiaroscuro",
        "ships, flowers, portrait",
        palette="Cornelis van der Laeck",
        motif="Cornelis van der Laeck",
    ),
    _artist(
        "石濱 Shi Bin",
        "1642–1718",
        "Chinese",
        "Literati painting",
        "rice / ink wash",
        "mountains, bird, calligraphy, carp",
    ),
    _artist(
        "Mīrzā Karīm Tabrīzī",
        "1655–1722",
        "Persian",
        "Book painting",
        "jade / miniature",
        "garden, bird, castle",
    ),
    _artist(
        "Giambattista Zanelli",
        "1697–1768",
        "Italian",
        "Veduta",
        "lagoon / oil",
        "city, ships, castle",
        motif="Judith Leysdael",
    ),
    _artist(
        "Ogata Hanzō",
        "1731–1798",
        "Japanese",
        "Edo woodblock",
        "indigo / ukiyo-e",
        "mountains, bird, carp, cat",
        motif="石濱 Shi Bin",
    ),
    _artist(
        "Kitagawa Sumire",
        "1768–1839",
        "Japanese",
        "Edo woodblock",
        "indigo / ukiyo-e",
        "cat, dancer, moonlit water, ships",
        palette="Ogata Hanzō",
        manner="Ogata Hanzō",
        motif="Ogata Hanzō",
    ),
    _artist(
        "Wilhelmine Förster",
        "1774–1840",
        "German",
        "Romanticism",
        "dusk / oil",
        "moonlit water, castle, mountains",
    ),
    _artist(
        "Aleksandër Prifti",
        "1801–1869",
        "Albanian",
        "Romanticism",
        "dusk / watercolour",
        "castle, moonlit water, city, ships",
        palette="Wilhelmine Förster",
        motif="Wilhelmine Förster",
    ),
    _artist(
        "Margaret Ashcombe",
        "1797–1871",
        "British",
        "Marine painting",
        "lagoon / watercolour, oil",
        "ships, hills, garden",
        palette="Giambattista Zanelli",
    ),
    _artist(
        "Honorine Delacourt",
        "1834–1907",
        "French",
        "Impressionism",
        "meadow / oil, pastel",
        "garden, dancer, flowers, hills",
    ),
    _artist(
        "Théophile Marchand",
        "1846–1902",
        "French",
        "Pictures of the stage",
        "rose / pastel",
        "dancer, circus, cat",
        motif="Honorine Delacourt",
        manner="Honorine Delacourt",
    ),
    _artist(
        "Achille Roussillon",
        "1859–1911",
        "French",
        "Divisionism",
        "meadow / pointillist",
        "circus, hills, city, ships",
        palette="Honorine Delacourt",
        motif="Théophile Marchand",
    ),
    _artist(
        "Saskia Ruysbroek",
        "1863–1929",
        "Belgian",
        "Post-Impressionism",
        "fauve / impasto",
        "hills, flowers, city, cat",
        motif="Honorine Delacourt",
    ),
    _artist(
        "Émile Corvisart",
        "1871–1954",
        "French",
        "Colour without restraint",
        "fauve / impasto, flat fields",
        "hills, fruit, garden, circus",
        palette="Saskia Ruysbroek",
        manner="Saskia Ruysbroek",
        motif="Saskia Ruysbroek",
    ),
    _artist(
        "Käthe Brandauer",
        "1880–1946",
        "German",
        "Expressionism",
        "earth / woodcut, colour woodcut",
        "portrait, city, family, cat",
        motif="Étienne Vaucresson",
    ),
    _artist(
        "Anselm Jørgensen",
        "1877–1951",
        "Norwegian",
        "Symbolism",
        "ultramarine / oil, colour woodcut",
        "moonlit water, portrait, city, dancer",
        motif="Wilhelmine Förster",
    ),
    _artist(
        "Joaquín Estévez",
        "1882–1957",
        "Spanish",
        "Cubism",
        "smoke / cubist",
        "fruit, portrait, city, circus",
        palette="Étienne Vaucresson",
    ),
    _artist(
        "Zofia Wiśniewska",
        "1889–1963",
        "Polish",
        "Cubism",
        "clay / cubist",
        "dancer, fruit, hills, city",
        manner="Joaquín Estévez",
        motif="Joaquín Estévez",
    ),
    _artist(
        "László Bíró-Nagy",
        "1895–1971",
        "Hungarian",
        "Constructivism",
        "primary / flat fields",
        "geometric, city, vase",
    ),
    _artist(
        "Nadia Haddad",
        "1908–1983",
        "Lebanese",
        "Geometric abstraction",
        "ultramarine / flat fields, mosaic",
        "geometric, tile, moonlit water",
        palette="Anselm Jørgensen",
        manner="László Bíró-Nagy",
        motif="László Bíró-Nagy",
    ),
    _artist(
        "Clarence T. Whitlow",
        "1907–1988",
        "American",
        "Documentary photography",
        "silver / photograph",
        "family, city, portrait, dancer",
    ),
    _artist(
        "Adaeze Okonkwo",
        "1921–1999",
        "Nigerian",
        "Documentary photography",
        "silver / photograph",
        "family, circus, city, dancer",
        palette="Clarence T. Whitlow",
        manner="Clarence T. Whitlow",
        motif="Clarence T. Whitlow",
    ),
    _artist(
        "Ngaire Tūhoe",
        "1926–2004",
        "New Zealander",
        "Colour field",
        "desert / flat fields",
        "hills, mountains, geometric, textile",
        motif="Émile Corvisart",
        manner="László Bíró-Nagy",
    ),
    _artist(
        "Jiří Havránek",
        "1919–1994",
        "Czech",
        "Mid-century printmaking",
        "pop / colour woodcut",
        "circus, cat, castle, bird",
        motif="Achille Roussillon",
        manner="Käthe Brandauer",
    ),
    _artist(
        "Bobbie Lane",
        "1934–2011",
        "American",
        "Pop Art",
        "pop / screenprint",
        "cat, flowers, fruit, circus, portrait",
        motif="Jiří Havránek",
        palette="Jiří Havránek",
    ),
    _artist(
        "María Inés Quispe",
        "1915–1989",
        "Peruvian",
        "Fiber art",
        "clay / weaving",
        "textile, bird, hills",
        palette="Zofia Wiśniewska",
    ),
    _artist(
        "İsmail Çelebioğlu",
        "1609–1675",
        "Turkish",
        "Court ceramics",
        "indigo / glazed",
        "tile, ships, flowers",
    ),
    _artist(
        "Hamada Reiko",
        "1930–2009",
        "Japanese",
        "Ink revival",
        "rice / ink wash",
        "calligraphy, bird, carp, mountains",
        palette="石濱 Shi Bin",
        manner="石濱 Shi Bin",
        motif="石濱 Shi Bin",
    ),
    _artist(
        "Siân Gwynedd",
        "1924–1997",
        "Welsh",
        "Studio pottery",
        "jade / object",
        "vase",
        motif="László Bíró-Nagy",
    ),
    _workshop(
        "Unidentified Artist",
        (-2600, -2000),
        "Chinese",
        "Neolithic period, Majiayao culture",
        "clay / object",
        "vase:chinese pottery",
    ),
    _workshop(
        "Unidentified Artist",
        (-1200, -900),
        "Chinese",
        "Shang dynasty to Western Zhou period",
        "jade / object",
        "vase:chinese bronze",
    ),
    _workshop(
        "Unidentified Artist",
        (-206, 220),
        "Chinese",
        "Han dynasty",
        "earth / object",
        "vase:chinese bronze, vase:chinese pottery",
    ),
    _workshop(
        "Unidentified Artist",
        (1368, 1644),
        "Chinese",
        "Ming dynasty, 1368–1644",
        "indigo / object",
        "vase:chinese porcelain",
    ),
    _workshop("Unidentified Artist", (-540, -460), "Greek", "Archaic period", "clay / object", "vase:greek"),
    _workshop("Unidentified Artist", (-300, -200), "Andean", "Early Horizon", "clay / weaving", "textile"),
    _workshop(
        "Unidentified Artist",
        (-600, -500),
        "Mesopotamian",
        "Neo-Babylonian period",
        "ultramarine / glazed",
        "tile:stars",
    ),
)
