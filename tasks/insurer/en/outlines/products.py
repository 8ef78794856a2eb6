"""Product Summaries: what stands around products and coverages."""

from __future__ import annotations

from ...outline import Chapter, Item, Passage, Section, steps

BEFORE = (
    Chapter("All products", (
        Section("Names of products", passages=(
            Passage("A name without an addition means the standard form of the product."),
            Passage("Policies and brochures use the name that stands here."),
        )),
        Section("From quote to policy", passages=(
            steps("A policy is sold in these steps:",
                  "explain the product and hand over this summary;",
                  Item("fill in the application with the customer:",
                       ("read the questions aloud;", "let the customer sign in person;")),
                  "take the first premium."),
        )),
        Section("Working out amounts", passages=(
            Passage("How a loss is paid is laid down in the Claims Manual."),
            Passage("How a premium is worked out is laid down in the Underwriting Guide."),
        )),
    )),
)  # fmt: skip
AFTER = (
    Chapter("Looking after a policy", (
        Section("Changes", passages=(
            Passage("A customer who moves or marries tells us so that the policy can be changed."),
            Passage("Coverages can be added or dropped when the policy is renewed."),
        )),
        Section("Second thoughts", passages=(
            Passage("How a customer can withdraw from a new policy is printed on its first page."),
        )),
    )),
)  # fmt: skip
OVERVIEW = "About this product"
NOTES = (
    "The full policy wording is on our website.",
    "Before quoting, make sure which product the customer means: see §Names of products§.",
    "How a policy is sold is described in §From quote to policy§.",
    "How amounts are worked out is referred to in §Working out amounts§.",
    "What is not covered is explained before what is.",
    "A loss that another insurer has paid is not paid again.",
    "Customers do what they reasonably can to keep a loss small.",
    "Advertising must not promise more than the policy does.",
    "Customers may have their policy as a file instead of on paper.",
    "Before a policy lapses because of unpaid premiums, the customer is reminded.",
    "Policies of products that are no longer sold run on until they end.",
    "A change of beneficiary needs the consent of the person insured.",
    "Changes to a policy are made under §Changes§.",
    "A customer who has second thoughts is pointed to §Second thoughts§.",
    "Salespeople don't run down other companies.",
    "The wording is available in large print.",
    "Used things are valued at what a similar thing costs used.",
    "No coverage pays for what a customer did on purpose.",
    "Salespeople recommend nothing that a customer has no use for.",
    "If two coverages have similar names, the product decides.",
    "A damaged thing is kept until the adjuster has seen it.",
    "Customers report a theft to the police without delay.",
    "Photos help, but where they don't, an adjuster comes by.",
    "Premiums may be paid by card or by bank transfer.",
)
