"""Questions of two steps: who or what is meant stands in one sentence, the answer in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...derived import Derived, choose
from ...world import Fact
from ..areas import guide, underwriting
from ..areas.base import ABSENT, NEAR_MISS, Bank
from ..values import Unknown
from .common import Base, recast

KIND = "multi_hop"
# Slots: {n} what is asked for, of something described; {m} the same of what the story names.
HOP = Bank(
    polite=("Could you tell me the {n}?", "Could you please look up the {n}?"),
    curt=("The {n}?",),
    keywords=("{n}",),
    indirect=("{story} What would the {m} be?", "{story} I need the {m}, please."),
    slip=("please tell me the {n}", "I need to know the {n}, please"),
)


class Bridge(NamedTuple):
    """A way from a value to what has it, and on to another attribute of that.

    Attributes:
        area: Key of the area.
        attribute: The attribute whose value a question names.
        described: What has the value, with "{v}" for it.
        that: How a story goes on to call it.
        story: A sentence that names the value.
        targets: What can be asked for, as noun phrases with "{x}", by attribute.
    """

    area: str
    attribute: str
    described: str
    that: str
    story: str
    targets: dict[str, str]


BRIDGES = (
    Bridge(
        "leave",
        "form",
        "the leave requested on form {v}",
        "that leave",
        "Somebody handed me form {v}, all filled in.",
        {
            "period": "maximum length of {x}",
            "notice": "notice needed for {x}",
            "pay": "percentage of base pay during {x}",
            "papers": "documents that go with a request for {x}",
            "start": "introduction date of {x}",
        },
    ),
    Bridge(
        "product",
        "code",
        "the product with code {v}",
        "that product",
        "All that the file shows is product code {v}.",
        {"discount": "percentage of the discount on {x}", "launched": "launch date of {x}"},
    ),
    Bridge(
        "product",
        "limit",
        "the coverage with a limit of {v}",
        "that coverage",
        "A customer says that his coverage ends at {v}.",
        {
            "deductible": "deductible of {x}",
            "waiting": "waiting period of {x}",
            "exclusions": "exclusions from {x}",
            "papers": "documents for a claim under {x}",
        },
    ),
)
CLASS_TARGETS = {
    "surcharge": "premium surcharge for {x}",
    "ceiling": "highest sum insured for {x}",
    "validity": "validity of a rating for {x}",
    "papers": "extra documents for {x}",
}


def hops(base: Base, slices: Mapping[str, str]) -> Iterator[Derived]:
    """Yields questions of two steps for both slices, and such that have no answer."""
    candidates = [*_bridged(base), *_risks(base), *_matters(base), *_terms(base)]
    yield from choose(
        candidates,
        slices,
        base.draw.stream(KIND),
        spread=lambda each: (each.fact.area, each.fact.attribute_key),
    )
    yield from _without_answer(base)


def _hop(
    base: Base,
    names: tuple[str, str],
    facts: tuple[Fact, Fact],
    target: tuple[str, str, str],
    story: str,
    handles: tuple[Fact, ...] = (),
) -> Derived:
    """Builds one; the target is a noun phrase with "{x}", and the two ways to say what that is."""
    phrase, described, that = target
    return base.derived(
        names,
        HOP,
        facts,
        recast(KIND, facts[1]),
        handles,
        n=phrase.format(x=described),
        m=phrase.format(x=that),
        story=story,
    )


def _bridged(base: Base) -> Iterator[Derived]:
    for bridge in BRIDGES:
        for handle in base.told(bridge.area, bridge.attribute):
            if not handle.asked:
                continue
            text = handle.value.text
            described, story = bridge.described.format(v=text), bridge.story.format(v=text)
            for attribute, phrase in bridge.targets.items():
                fact = base.find(bridge.area, handle.subject_key, attribute)
                if fact:
                    yield _hop(
                        base,
                        (handle.subject_key, f"{attribute}_by_{bridge.attribute}"),
                        (handle, fact),
                        (phrase, described, bridge.that),
                        story,
                        (handle,),
                    )


def _risks(base: Base) -> Iterator[Derived]:
    """From a risk to its class, and to what holds for the class."""
    stories = dict(underwriting.RISKS)
    for risk in base.told("underwriting", "class"):
        for attribute, phrase in CLASS_TARGETS.items():
            fact = base.find("underwriting", risk.group, attribute)
            if fact:
                target = (phrase, risk.subject, "such a risk")
                names = (risk.subject_key, f"{attribute}_by_class")
                yield _hop(base, names, (risk, fact), target, stories[risk.subject])


def _matters(base: Base) -> Iterator[Derived]:
    """From a matter to the department, and to its extension."""
    for matter, story, _ in guide.MATTERS:
        contact = base.find("guide", matter.replace(" ", "_"), "contact")
        extension = base.find("guide", contact.attribute, "extension") if contact else None
        if contact and extension:
            target = ("phone extension for {x}", f"questions about {matter}", "that")
            names = (contact.subject_key, "extension_by_matter")
            yield _hop(base, names, (contact, extension), target, story)


def _terms(base: Base) -> Iterator[Derived]:
    """From a meaning to the company's word for it, and to when that began."""
    for start in base.told("glossary", "start"):
        term = base.find("glossary", start.subject_key, "term")
        if term and start.asked:
            meaning = term.statement.partition(" is called ")[0]
            meaning = meaning[0].lower() + meaning[1:]
            target = ("introduction date of {x}", meaning, "that")
            story = f"Somebody asked me how long we have had {meaning}."
            yield _hop(base, (start.subject_key, "start_by_meaning"), (term, start), target, story)


# Key, area and its name, phrase, described, story's word, story, why it has no answer.
NO_ANSWER: tuple[tuple[str, str, str, str, str, str, str, Unknown], ...] = (
    ("form_a", "leave", "Leave of absence", "maximum length of {x}", "the leave requested on form HR-412", "that leave",
     "Somebody handed me form HR-412, all filled in.", NEAR_MISS),
    ("form_b", "leave", "Leave of absence", "percentage of base pay during {x}", "the leave requested on form HR-587", "that leave",
     "Somebody handed me form HR-587, all filled in.", NEAR_MISS),
    ("code_a", "product", "Products", "launch date of {x}", "the product with code SK-15", "that product",
     "All that the file shows is product code SK-15.", NEAR_MISS),
    ("code_b", "product", "Products", "percentage of the discount on {x}", "the product with code BT-48", "that product",
     "All that the file shows is product code BT-48.", NEAR_MISS),
    ("risk_a", "underwriting", "Underwriting", "premium surcharge for {x}", "fireworks factories", "such a risk",
     "Somebody who makes fireworks needs a policy.", ABSENT),
    ("risk_b", "underwriting", "Underwriting", "highest sum insured for {x}", "tattoo parlors", "such a risk",
     "Somebody is opening a tattoo parlor and needs a policy.", ABSENT),
    ("risk_c", "underwriting", "Underwriting", "extra documents for {x}", "trampoline parks", "such a risk",
     "A trampoline park has sent in an application.", ABSENT),
    ("matter_a", "guide", "Office guide", "phone extension for {x}", "questions about the coffee machine", "that",
     "The coffee machine only spits out hot water.", ABSENT),
    ("matter_b", "guide", "Office guide", "phone extension for {x}", "questions about stray cats", "that",
     "A cat has moved into our parking garage.", ABSENT),
    ("term_a", "glossary", "Glossary", "introduction date of {x}", "the talk that employees attend over lunch", "that",
     "Somebody asked me how long we have had speakers at lunch.", ABSENT),
)  # fmt: skip


def _without_answer(base: Base) -> Iterator[Derived]:
    for key, area, category, phrase, described, that, story, why in NO_ANSWER:
        yield base.unanswered(
            (area, category),
            (key, "two_steps"),
            why,
            HOP,
            described.removeprefix("questions about ").removeprefix("the "),
            n=phrase.format(x=described),
            m=phrase.format(x=that),
            story=story,
        )
