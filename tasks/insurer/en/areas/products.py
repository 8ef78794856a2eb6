"""Ten products, three coverages each; neighbors look alike and differ in their values."""

# Rows of tables, which read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...products import Cover, Product
from ...world import Fact
from ..pools import codes, dates, dollars, pairs, percentages, periods
from .base import ABSENT, NEAR_MISS, Area
from .product_banks import (
    CODE,
    DEDUCTIBLE,
    DISCOUNT,
    EXCLUSIONS,
    LAUNCHED,
    LIMIT,
    PAPERS,
    WAITING,
)

PRODUCTS = (
    Product("golf", "golf insurance", "GF", "club group discount",
            "intentional damage|rounds played abroad|professional tournaments", "claim form|course confirmation|tee time booking"),
    Product("car", "car insurance", "CR", "accident-free discount",
            "drunk driving|unlicensed drivers|paid passenger transport", "claim form|accident statement|driver's license copy"),
    Product("motorcycle", "motorcycle insurance", "MC", "rider training discount",
            "drunk riding|unlicensed riders|racing events", "claim form|accident statement|registration copy"),
    Product("domestic_travel", "domestic travel insurance", "DT", "family discount",
            "extreme sports|business trips|alcohol-related accidents", "claim form|itinerary|hotel receipt"),
    Product("foreign_travel", "overseas travel insurance", "OT", "early booking discount",
            "war zones|overstayed visas|extreme sports", "claim form|passport copy|flight ticket copy"),
    Product("cancer", "cancer insurance", "CA", "nonsmoker discount",
            "diagnoses before enrollment|self-inflicted harm|experimental drugs", "claim form|oncologist's report|ID copy"),
    Product("pet", "pet insurance", "PE", "microchip discount",
            "pre-existing conditions|fighting dogs|unregistered animals", "claim form|pet registration|photo of the pet"),
    Product("home", "homeowners insurance", "HO", "sprinkler discount",
            "arson by the owner|earthquakes|civil unrest", "claim form|title deed copy|photos of the damage"),
    Product("renters", "renters insurance", "RE", "burglar alarm discount",
            "damage by roommates|earthquakes|sublet rooms", "claim form|lease copy|landlord's statement"),
    Product("business", "small business insurance", "SB", "safety audit discount",
            "intentional acts|government fines|unlicensed trading", "claim form|incident report|business license copy"),
)  # fmt: skip

COVERS = (
    Cover("golf", "hole_in_one", "hole-in-one expense", "A golf insurance customer made a hole-in-one and bought a round for the club", (500, 3_000, 50), None, ("day", 10, 45),
          "par-3 courses|practice rounds|rounds played alone", "scorecard|witness statement|bar receipt"),
    Cover("golf", "equipment", "golf equipment", "A golf insurance customer snapped a club on a tree", (1_000, 6_000, 100), (25, 200, 5), None,
          "", "photos of the damage|repair estimate|purchase receipt"),
    Cover("golf", "liability", "golfer's liability", "A golf insurance customer's ball hit a spectator", (50_000, 400_000, 5_000), (100, 900, 25), None,
          "injured relatives|injured caddies|cart races", ""),
    Cover("car", "collision", "collision", "A car insurance customer slid into a guardrail and wrecked the car", (15_000, 80_000, 1_000), (250, 1_500, 50), None,
          "worn tires|racing on a track|navigation units", "dashcam footage|repair estimate|photos of the car"),
    Cover("car", "damage", "property damage liability", "A car insurance customer backed into a neighbor's garage", (25_000, 190_000, 5_000), (100, 950, 50), None,
          "", "owner's repair bill|photos of the property|settlement letter"),
    Cover("car", "medical", "medical payments", "A car insurance customer was hurt while driving", (2_000, 25_000, 500), None, None,
          "stunt driving|drugged driving|passengers in the cargo bed", ""),
    Cover("motorcycle", "collision", "collision", "A motorcycle insurance customer laid the bike down on a curve", (5_000, 30_000, 500), (200, 1_200, 25), None,
          "custom paint|worn brakes|off-road riding", "repair estimate|photos of the bike|police report"),
    Cover("motorcycle", "gear", "riding gear", "A motorcycle insurance customer tore the leather suit in a fall", (400, 4_000, 50), (20, 150, 5), None,
          "", "purchase receipt|photos of the gear|dealer's appraisal"),
    Cover("motorcycle", "passenger", "passenger injury", "The pillion rider of a motorcycle insurance customer broke a leg", (5_000, 60_000, 1_000), None, None,
          "passengers without helmets|children under eight|sidecar passengers", ""),
    Cover("domestic_travel", "baggage", "baggage", "A domestic travel insurance customer cracked a camera on the trip", (300, 3_000, 50), (15, 120, 5), None,
          "cash|contact lenses|normal wear", "photos of the damage|repair estimate|purchase receipt"),
    Cover("domestic_travel", "cancellation", "trip cancellation", "A domestic travel insurance customer called off a vacation", (200, 2_500, 50), (10, 100, 5), ("day", 3, 20)),
    Cover("domestic_travel", "medical", "medical expense", "A domestic travel insurance customer needed stitches while away", (2_000, 19_000, 500), (20, 180, 10), None,
          "pre-existing illness|cosmetic treatment|vaccinations", ""),
    Cover("foreign_travel", "baggage", "baggage", "An overseas travel insurance customer had a suitcase stolen", (500, 5_000, 50), (20, 200, 5), None,
          "cash|confiscated passports|unattended bags", "local police report|purchase receipt|list of stolen items"),
    Cover("foreign_travel", "delay", "flight delay", "An overseas travel insurance customer's flight left late and a hotel had to be paid", (100, 1_200, 20), None, ("hour", 2, 12),
          "", "airline delay certificate|meal receipts|hotel receipt"),
    Cover("foreign_travel", "medical", "medical expense", "An overseas travel insurance customer was treated in a foreign hospital", (20_000, 190_000, 5_000), (50, 450, 10), None,
          "pre-existing illness|dental work|cosmetic treatment", ""),
    Cover("cancer", "diagnosis", "cancer diagnosis", "A cancer insurance customer has just been told it is cancer", (10_000, 90_000, 1_000), None, ("day", 60, 180),
          "benign tumors|diagnoses without a biopsy|borderline tumors", "biopsy report|imaging report|pathology report"),
    Cover("cancer", "surgery", "cancer surgery", "A cancer insurance customer had a tumor removed", (2_000, 19_000, 500), None, ("day", 60, 180),
          "preventive surgery|biopsies|cosmetic surgery", "operative report|discharge summary|hospital bill"),
    Cover("cancer", "chemo", "chemotherapy", "A cancer insurance customer is on chemotherapy", (3_000, 39_000, 500), None, ("day", 60, 180)),
    Cover("pet", "vet", "vet bill", "A pet insurance customer took a limping dog to the vet", (1_000, 9_500, 100), (25, 190, 5), ("day", 10, 60),
          "vaccinations|grooming|litters of puppies", "vet invoice|treatment notes|prescription"),
    Cover("pet", "surgery", "pet surgery", "A pet insurance customer's cat was operated on", (2_000, 12_000, 100), (50, 400, 10), ("day", 10, 90)),
    Cover("pet", "liability", "pet liability", "A pet insurance customer's dog bit the mail carrier", (10_000, 95_000, 1_000), (100, 900, 25), None,
          "bitten relatives|dogs off the leash|fights between dogs", "victim's medical bill|settlement letter|incident report"),
    Cover("home", "dwelling", "dwelling", "Fire swept through a homeowners insurance customer's house", (150_000, 950_000, 10_000), (1_000, 5_000, 100), None,
          "vacant houses|unpermitted additions|houses under construction", "fire department report|contractor's estimate|building permit copy"),
    Cover("home", "belongings", "personal belongings", "A homeowners insurance customer lost furniture in a fire", (20_000, 140_000, 1_000), (250, 1_900, 50), None,
          "gold coins|jewelry left outdoors|self-heating materials", ""),
    Cover("home", "water", "water damage", "A pipe burst in a homeowners insurance customer's basement", (5_000, 49_000, 500), (250, 1_900, 50), ("day", 15, 90),
          "", "plumber's report|repair invoice|moisture readings"),
    Cover("renters", "belongings", "personal belongings", "A renters insurance customer's television was stolen", (5_000, 45_000, 500), (100, 950, 25), None,
          "cash|items left in hallways|rented furniture", "police report|purchase receipt|list of stolen items"),
    Cover("renters", "water", "water damage", "The washing machine of a renters insurance customer flooded the apartment", (2_000, 19_000, 500), (100, 950, 25), ("day", 15, 90)),
    Cover("renters", "housing", "temporary housing", "A renters insurance customer can't live in the apartment after a fire", (1_500, 12_000, 100), None, ("hour", 13, 23),
          "stays with relatives|moving costs|luxury hotels", "hotel receipt|city inspection notice|rental agreement"),
    Cover("business", "premises", "premises liability", "A shopper slipped in a small business insurance customer's store", (100_000, 900_000, 10_000), (250, 2_500, 50), None,
          "injured employees|parking lot accidents|remodeling work", "victim's medical bill|photos of the scene|security camera footage"),
    Cover("business", "product", "product liability", "A gadget made by a small business insurance customer burned its user", (200_000, 1_900_000, 50_000), (500, 4_900, 100), None,
          "recall costs|damage to the product itself|late deliveries", ""),
    Cover("business", "food", "food poisoning", "Guests fell ill at a small business insurance customer's diner", (20_000, 190_000, 1_000), (200, 1_900, 50), None,
          "", "health inspection record|doctor's report|supplier invoices"),
)  # fmt: skip

# Coverages and products that the company does not have: (product, key, coverage, event, attribute).
NOT_THERE = (
    ("golf", "cart", "golf insurance", "golf cart", "A golf insurance customer drove a golf cart into a pond", "limit"),
    ("car", "tire", "car insurance", "flat tire", "A car insurance customer ran over a nail", "deductible"),
    ("domestic_travel", "rental", "domestic travel insurance", "rental car", "A domestic travel insurance customer scratched a rental car", "deductible"),
    ("foreign_travel", "kidnap", "overseas travel insurance", "ransom", "An overseas travel insurance customer was kidnapped", "limit"),
    ("cancer", "hospice", "cancer insurance", "hospice care", "A cancer insurance customer moved into a hospice", "waiting"),
    ("motorcycle", "towing", "motorcycle insurance", "towing", "A motorcycle insurance customer needed a tow truck", "limit"),
    ("pet", "funeral", "pet insurance", "pet cremation", "A pet insurance customer wants an old dog cremated", "papers"),
    ("home", "flood", "homeowners insurance", "river flood", "The river rose into a homeowners insurance customer's living room", "deductible"),
    ("bicycle", "theft", "bicycle insurance", "bicycle theft", "A bicycle insurance customer's bike was stolen", "limit"),
    ("drone", "liability", "drone insurance", "drone liability", "A drone insurance customer's drone fell on someone", "deductible"),
    ("hiking", "rescue", "hiking insurance", "mountain rescue", "A hiking insurance customer was rescued off a cliff", "papers"),
    ("wedding", "cancellation", "wedding insurance", "reception", "A wedding insurance customer called off the wedding", "exclusions"),
    ("boat", "gear", "boat insurance", "outboard motor", "A boat insurance customer lost an outboard motor", "exclusions"),
)  # fmt: skip
PRODUCTS_NOT_SOLD = (
    ("ski", "ski insurance", "launched", ""),
    ("concert", "event insurance", "launched", ""),
    ("camper", "camper van insurance", "code", ""),
    ("aircraft", "aircraft insurance", "discount", "pilot discount"),
)

LABELS = {
    "limit": ("limit", LIMIT),
    "deductible": ("deductible", DEDUCTIBLE),
    "waiting": ("waiting period", WAITING),
    "exclusions": ("exclusions", EXCLUSIONS),
    "papers": ("claim documents", PAPERS),
    "launched": ("launch date", LAUNCHED),
    "code": ("product code", CODE),
    "discount": ("discount", DISCOUNT),
}


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("product", "Products", draw, labels=LABELS)
    by_key = {product.key: product for product in PRODUCTS}
    for product in PRODUCTS:
        yield from _product(area, product)
    for cover in COVERS:
        yield from _cover(area, by_key[cover.product], cover)
    for product_key, cover_key, name, cover_name, event, attribute in NOT_THERE:
        unknown = NEAR_MISS if product_key in by_key else ABSENT
        subject = (f"{product_key}-{cover_key}", f"{name}, {cover_name}")
        yield area.ask(subject, attribute, unknown, p=name, c=cover_name, event=event)
    for product_key, name, attribute, discount in PRODUCTS_NOT_SOLD:
        yield area.ask((product_key, name), attribute, ABSENT, p=name, d=discount)


def _product(area: Area, product: Product) -> Iterator[Fact]:
    who = (product.key, product.name)
    yield area.ask(who, "launched", dates(2012, 2020), p=product.name)
    yield area.ask(who, "code", codes(product.code, 11, 99), p=product.name)
    yield area.ask(who, "discount", percentages(2, 24), p=product.name, d=product.discount)


def _cover(area: Area, product: Product, cover: Cover) -> Iterator[Fact]:
    """Yields what the coverage has; some of what it lacks is asked for, as near misses."""
    who = (f"{product.key}-{cover.key}", f"{product.name}, {cover.name}")
    slots = {"p": product.name, "c": cover.name, "event": cover.event}
    yield area.ask(who, "limit", dollars(*cover.limit), **slots)
    if cover.deductible:
        yield area.ask(who, "deductible", dollars(*cover.deductible), **slots)
    elif cover.key in ("passenger", "housing"):
        yield area.ask(who, "deductible", NEAR_MISS, **slots)
    if cover.waiting:
        yield area.ask(who, "waiting", periods(*cover.waiting), **slots)
    elif cover.key in ("equipment", "damage", "gear"):
        yield area.ask(who, "waiting", NEAR_MISS, **slots)
    if cover.excludes:
        yield area.ask(who, "exclusions", pairs(product.exclusions, cover.excludes), **slots)
    if cover.papers:
        yield area.ask(who, "papers", pairs(product.papers, cover.papers), **slots)
