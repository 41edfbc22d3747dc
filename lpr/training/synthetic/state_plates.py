"""Plates that say where they come from: a jurisdiction's name and slogan over, under or beside a serial, in colour.

They teach a classifier to read the small print of plates whose design it has never seen. Names are those that stood
and stand on plates, abbreviations of the early decades among them; slogans are those of general issues (the states'
motor vehicle departments; collectors' catalogues agree on them).
"""

from __future__ import annotations

import random

import numpy as np

from lpr.training.synthetic import designs, serials
from lpr.training.synthetic.canvas import Canvas, Colour, random_colour
from lpr.training.synthetic.fonts import Die, Lettering
from lpr.training.synthetic.stamping import write_serial

#: Code → names, then slogans after a bar.
NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

_LINES = """
us-al Alabama,ALA|Heart of Dixie,Sweet Home,Stars Fell On,God Bless America
us-ak Alaska|The Last Frontier,North to the Future,The Great Land
us-az Arizona,ARIZ|Grand Canyon State,Marvelous
us-ar Arkansas,ARK|The Natural State,Land of Opportunity
us-ca California,CALIF,CAL|dmv.ca.gov,The Golden State
us-co Colorado,COLO|Colorful
us-ct Connecticut,CONN|Constitution State
us-de Delaware,DEL|The First State
us-dc Washington DC,District of Columbia,Washington D.C.,DC|Taxation Without Representation,Nation's Capital,\
Celebrate & Discover,End Taxation Without Representation
us-fl Florida,FLA|Sunshine State,MYFLORIDA.COM,In God We Trust,Keep Florida Green
us-ga Georgia,GA|Peach State,In God We Trust,www.dmvs.ga.gov,on my mind
us-hi Hawaii|Aloha State
us-id Idaho|Famous Potatoes,Scenic,Centennial
us-il Illinois,ILL|Land of Lincoln
us-in Indiana,IND|In God We Trust,Hoosier State,Back Home Again,Wander,The Crossroads of America,Bicentennial
us-ia Iowa,IA|The Corn State
us-ks Kansas,KAN|The Wheat State,Midway USA,to the stars
us-ky Kentucky,KY|Bluegrass State,Unbridled Spirit
us-la Louisiana,LA|Sportsman's Paradise,Bayou State,Bicentennial
us-me Maine|Vacationland
us-md Maryland,MD|www.maryland.gov,War of 1812,Drive Carefully
us-ma Massachusetts,MASS|The Spirit of America
us-mi Michigan,MICH|Great Lakes,Water Wonderland,Pure Michigan,Great Lake State
us-mn Minnesota,MINN|10000 lakes,Explore,10,000 Lakes
us-ms Mississippi,MISS|Hospitality State,In God We Trust,Birthplace of America's Music
us-mo Missouri,MO|Show-Me State,Bicentennial
us-mt Montana,MONT|Big Sky Country,Treasure State,Big Sky
us-ne Nebraska,NEBR|Cornhusker State,The Good Life,The Beef State,Sesquicentennial
us-nv Nevada,NEV|The Silver State,Home Means Nevada
us-nh New Hampshire,N.H.,NEW HAMP|Live Free or Die,Scenic,Photoscenic
us-nj New Jersey,N.J.,NJ|Garden State
us-nm New Mexico,N.MEX,New Mexico USA|Land of Enchantment,Chile Capital of the World
us-ny New York,N.Y.,NY|Empire State,Excelsior,World's Fair
us-nc North Carolina,N.C.,NO.CAR|First in Flight,Drive Safely,First in Freedom
us-nd North Dakota,N.DAK,ND|Peace Garden State,Discover the Spirit,Legendary
us-oh Ohio|Birthplace of Aviation,The Heart of It All,Beautiful Ohio,Seat Belts Fastened?,Bicentennial
us-ok Oklahoma,OKLA|Native America,Explore,is OK,Visit
us-or Oregon,ORE|Pacific Wonderland,Trail
us-pa Pennsylvania,PENNA,PA|Keystone State,visitPA.com,You've Got a Friend in,Bicentennial State
us-ri Rhode Island,R.I.,RI|Ocean State,Discover,Beautiful
us-sc South Carolina,S.C.,SO.CAR|Smiling Faces Beautiful Places,While I Breathe I Hope,Iodine
us-sd South Dakota,S.DAK,SD|Great Faces Great Places,Mount Rushmore State
us-tn Tennessee,TENN|The Volunteer State,Sounds Good to Me,tnvacation.com
us-tx Texas,TEX|The Lone Star State,Truck,Hemisfair
us-ut Utah|Life Elevated,Greatest Snow on Earth,Beehive State,This Is The Place,Ski
us-vt Vermont,VT|Green Mountain State,See
us-va Virginia,VA|400th Anniversary,Virginia is for Lovers
us-wa Washington,WASH|Evergreen State
us-wv West Virginia,W.VA|Wild Wonderful,Mountain State,Almost Heaven
us-wi Wisconsin,WIS|America's Dairyland
us-wy Wyoming,WYO|Equality State,Like No Place on Earth
us-as American Samoa,A.S.|Motu O Fiafiaga,Pago Pago
us-gu Guam,GUAM USA,Guahan|Hub of the Pacific,Tano Y Chamorro,America's Day Begins
us-mp CNMI,C.N.M.I. USA,Northern Marianas|Hafa Adai
us-pr Puerto Rico,P.R.|Isla del Encanto,Estado Libre Asociado
us-vi Virgin Islands,U.S. Virgin Islands,US VI|American Paradise,America's Caribbean,Our Islands Our Home
ca-bc British Columbia,B.C.|Beautiful,The Best Place on Earth
ca-on Ontario,ONT|Yours to Discover,Keep it Beautiful,A place to grow
other Alberta,Quebec,Manitoba,Saskatchewan,Nova Scotia,New Brunswick,Newfoundland,Yukon,NWT,Jalisco,Nuevo Leon,\
Edo Mex,CDMX,Baja Calif,Sonora,Chihuahua,Queensland,NSW,Victoria,QLD,South Australia,Tasmania,Bermuda,Bahamas,\
Jamaica,Panama,Colombia,Bogota D.C.,Venezuela,Guatemala,Costa Rica,Philippines,Matatag na Republika,Liberia,\
U.S. Government,US Army,Trust Territory|Je me souviens,Wild Rose Country,Friendly Manitoba,Canada's Ocean Playground,\
Land of Living Skies,Sunshine State,Centroamerica,The Garden State,Mexico
"""
for _line in _LINES.replace("\\\n", "").strip().splitlines():
    _code, _, _rest = _line.partition(" ")
    _names, _, _slogans = _rest.partition("|")
    NAMES[_code] = tuple(_names.split(",")), tuple(_slogans.split(","))


class StatePlates:
    """Draws plates of one jurisdiction after the other; all chance comes from the ``rng`` that is passed in."""

    def __init__(self, dies: list[Die], letterings: list[Lettering]) -> None:
        self._dies = dies
        self._letterings = letterings

    def draw(self, code: str, rng: random.Random) -> np.ndarray:
        """A plate of ``code`` (a key of NAMES), square to the viewer: height × 256 × 3, uint8, BGR."""
        ground, ink = rng.choice(designs.US_COLOURS) if rng.random() < 0.5 else _contrasting(rng)
        canvas = Canvas(256, round(256 / rng.uniform(1.7, 2.2)), ground)
        height = canvas.height
        if rng.random() < 0.6:
            canvas.graphic(rng, [random_colour(rng) for _ in range(3)])
        if rng.random() < 0.6:
            canvas.border(rng, ink)
        names, slogans = NAMES[code]
        name = _cased(rng.choice(names) if rng.random() < 0.5 else names[0], rng)
        above, below = self._bands(name, slogans, rng)
        top, bottom = rng.uniform(0.2, 0.3) * height, height * (1 - rng.uniform(0.14, 0.25))
        if not above:
            top = 0.08 * height
        if not below:
            bottom = 0.92 * height
        if rng.random() < 0.9:
            write_serial(
                canvas, rng, rng.choice(self._dies), self._serial(rng), (10, top + 2, 246, bottom - 2), ink, 0.4
            )
        small = ink if rng.random() < 0.6 else _contrasting(rng)[1]
        self._print(canvas, above, 0.03 * height, top * 0.95, small, rng)
        self._print(canvas, below, bottom + 0.02 * height, 0.97 * height, small, rng)
        for _ in range(rng.choice((0, 0, 1, 2, 2))):
            self._sticker(canvas, rng)
        canvas.press(rng, bolted=0.6)
        return np.clip(canvas.image, 0, 255).astype(np.uint8)

    def _bands(self, name: str, slogans: tuple[str, ...], rng: random.Random) -> tuple[str, str]:
        year = str(rng.randint(10, 99)) if rng.random() < 0.7 else str(rng.randint(1910, 2024))
        if rng.random() < 0.4:
            name = rng.choice((f"{name} {year}", f"{year} {name}", f"{year[:2]} {name} {year[-2:]}"))
        others = (*slogans, *slogans, "", "", rng.choice(designs.SLOGANS))
        other = _cased(rng.choice(others), rng)
        return (name, other) if rng.random() < 0.6 else (other, name)

    def _print(self, canvas: Canvas, text: str, top: float, bottom: float, ink: Colour, rng: random.Random) -> None:
        if not text:
            return
        inset = rng.uniform(0.04, 0.3) * canvas.width if len(text) > 5 else rng.uniform(0.2, 0.4) * canvas.width
        shift = rng.gauss(0, 0.04) * canvas.width
        canvas.small_print(
            rng.choice(self._letterings), text, (inset + shift, top, canvas.width - inset + shift, bottom), ink
        )

    def _sticker(self, canvas: Canvas, rng: random.Random) -> None:
        width, height = rng.uniform(0.08, 0.14) * canvas.width, rng.uniform(0.12, 0.2) * canvas.height
        x = rng.choice((0.03 * canvas.width, 0.97 * canvas.width - width))
        y = rng.choice((0.04 * canvas.height, 0.96 * canvas.height - height))
        canvas.fill(x, y, x + width, y + height, random_colour(rng))
        canvas.small_print(
            rng.choice(self._letterings), str(rng.randint(10, 99)), (x, y, x + width, y + height), random_colour(rng)
        )

    def _serial(self, rng: random.Random) -> str:
        return serials.vanity(rng) if rng.random() < 0.2 else serials.serial(rng, serials.US)


def _cased(text: str, rng: random.Random) -> str:
    return text.upper() if rng.random() < 0.6 else text


def _contrasting(rng: random.Random) -> tuple[Colour, Colour]:
    """Ground and ink of any hue whose brightness differs enough to be read."""
    while True:
        ground, ink = random_colour(rng), random_colour(rng)
        if abs(sum(ground) - sum(ink)) > 240:
            return ground, ink
