"""Standard playbooks of cases in which a rule or a paper stands against a claim."""

from __future__ import annotations

from reviews.playbooks.play import Play

RULES = (
    Play(
        "exclusive_territory",
        "The account lies in an exclusive territory",
        gather=(
            "The territory rule: what it covers, since when, for whom, under which agreement",
            "The clause that grants exclusivity, and what it excepts (named accounts, products, existing customers)",
            "Where the customer buys: seat, site, delivery address",
            "Who invited the partner in: the customer itself, a global frame contract, nobody",
            "Legal's view of the clause",
        ),
        weigh=(
            "Exclusivity is a promise in a contract: legal joins before the last decider",
            "A customer that asks by itself (passive sale) may have to be served whatever the clause says",
            "An agreed exception is dated, owned and reasoned: do not decide one case by an unwritten one",
        ),
        question=(
            "Dear {partner},\n\nfor {registration} please tell us where {customer} will use {products}, which site places "
            "the order, and how the customer came to you.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. Where the customer buys decides which "
            "territory rule applies. The notice in the portal gives the reasons."
        ),
    ),
    Play(
        "out_of_territory",
        "The account lies outside the partner's territory",
        gather=(
            "The partner's territories and the dimension that does not hold: place, industry, size, product",
            "Whether our facts about the account are right: address, industry, employees",
            "Who else covers the account, if anybody",
            "The partner's history with this customer before the territories were cut",
        ),
        weigh=(
            "An unknown fact does not hold: complete the account before you decide",
            "If nobody covers the account, serving it is better than guarding an empty field",
            "A repeated pattern at one border is a rule to be redrawn: tell sales operations",
        ),
        question=(
            "Dear {partner},\n\nfor {registration} please confirm the site of {customer} that buys, its industry and size, "
            "and how you serve it there.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer} by your territories in {program}, which the "
            "portal shows you. The notice gives the reasons."
        ),
    ),
    Play(
        "reserved_account",
        "The account is reserved for the direct team",
        gather=(
            "Which list reserves it (strategic, house, named), since when, and who owns the entry",
            "When the entry was last reviewed",
            "Proof of work of the partner, at the level of a meeting or higher",
            "What the account team says about a partner's part in the deal",
        ),
        weigh=(
            "The account stays with the direct team; the question is what part the partner has in it",
            "Work at the level of a meeting or higher earns a support role",
            "An entry that nobody has reviewed for a year is worth an exception request",
        ),
        question=(
            "Dear {partner},\n\nfor {registration} at {customer} please add the dated work that you have done there and the "
            "part of the deal that you could carry: delivery, integration, support.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. Some accounts are served by the direct "
            "team under the rules of {program}; the notice in the portal says which part is yours."
        ),
    ),
    Play(
        "agreement_inactive",
        "No agreement was active on that day",
        gather=(
            "The partner's agreements: begin, end, suspension, who signed",
            "Whether a renewal is under way, and since when it waits on us",
            "Whether the deal itself is sound",
        ),
        weigh=(
            "Without an agreement nobody sells: the finding blocks",
            "If the renewal waits on us, the partner should not pay for it: an exception with a date is the way",
        ),
        question=(
            "Dear {partner},\n\n{registration} for {customer} needs an agreement that was active when you sent it. Please "
            "send us the signed agreement or its renewal, or tell us whom it waits for.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. A registration needs an active agreement "
            "on the day on which it is sent. Your partner manager helps you to renew it; a new registration counts from its day."
        ),
    ),
    Play(
        "product_not_entitled",
        "A product is not in the partner's agreement",
        gather=(
            "The products of the active agreements, line by line",
            "Certifications that the line requires, and those that the partner holds, with dates",
            "Trainings booked but not finished",
            "Whether part of the deal can be registered without that line",
        ),
        weigh=(
            "Entitlement protects the customer: whoever installs must be able to",
            "A certification that is booked within weeks can be an exception; none at all cannot",
        ),
        question=(
            "Dear {partner},\n\nfor {products} in {registration} please send us the certificate, or the date of the booked "
            "training, or tell us which line we shall take out.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. Each product line asks for its own "
            "entitlement; the portal shows you yours, and your partner manager the way to more."
        ),
    ),
    Play(
        "tier_insufficient",
        "The deal is larger than the tier allows",
        gather=(
            "The amount, and how the partner came to it",
            "The tier's limit, and how far the partner is from the next tier",
            "Who would deliver a deal of this size",
            "References for deals of this size",
        ),
        weigh=(
            "The limit is about delivery, not about merit: a deal with the right support can pass by exception",
            "Splitting a deal into two registrations to stay below a limit is one deal",
        ),
        question=(
            "Dear {partner},\n\nfor {registration} at {customer} please tell us how the amount is made up and who delivers: "
            "your own people, a subcontractor, or with our support.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. Each tier of {program} has a limit for a "
            "single deal; your partner manager tells you what the next tier takes."
        ),
    ),
    Play(
        "capacity_reached",
        "The partner holds as many deals as its tier allows",
        gather=(
            "The partner's live registrations, with the last activity of each",
            "Which of them can be closed, won or lost",
            "Follow-up rate and win rate of the last year",
        ),
        weigh=(
            "Capacity is against hoarding: a partner that works all its deals may need more of it",
            "Let it choose which registration makes room, before you choose for it",
        ),
        question=(
            "Dear {partner},\n\nyou hold as many live registrations as your tier allows. To make room for {registration} "
            "please tell us which of them are won, closed or to be withdrawn.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. As soon as another of your registrations "
            "has ended, you can register the deal again."
        ),
    ),
    Play(
        "price_overlap",
        "One buyer has different prices",
        gather=(
            "The quotes: seller, product, quantity, unit price, validity, terms",
            "Whether they are for the same scope (volume, service, delivery)",
            "Special prices: who approved them, for whom, until when",
            "What the buyer has seen already",
        ),
        weigh=(
            "Compare like with like: volume and terms explain most differences",
            "Never settle the price between sellers for them: who may quote is decided here, not for how much",
            "If a special price reached the wrong deal, withdraw that price, not the partner",
        ),
        question=(
            "Dear {partner},\n\nfor {registration} at {customer} please send us your valid quote with quantity, terms and "
            "any special price that it rests on.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. Please quote from now on as the notice in "
            "the portal says; what you quote is yours to set within your agreement."
        ),
    ),
    Play(
        "discount_outside_policy",
        "A discount is above the limit",
        gather=(
            "The quote with its discount, and the limit of the agreement or the tier",
            "Who approved the discount, and under which programme",
            "What the discount was given for: volume, a reference, a first order",
        ),
        weigh=(
            "An approved special discount is no breach: find the approval first",
            "A limit that many quotes pass is a limit to review",
        ),
        question=(
            "Dear {partner},\n\nthe quote behind {registration} for {customer} carries a discount above your agreement's "
            "limit. Please send us its approval, or a corrected quote.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. Discounts follow your agreement; your "
            "partner manager tells you how a special one is asked for."
        ),
    ),
    Play(
        "same_chain",
        "Reseller and distributor registered one deal",
        gather=("Which of the two leads at the customer", "Whether both know of each other's registration"),
        weigh=("A distribution chain is one claim with two parties: it shares one deal and one protection",),
        question=(
            "Dear {partner},\n\nfor {registration} at {customer} please tell us who leads at the customer on your side of "
            "the chain.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. The deal is protected for the whole chain "
            "that sells it."
        ),
    ),
    Play(
        "resubmission",
        "A deal that was not approved comes again",
        gather=(
            "The earlier decision with its reasons",
            "What has changed since: project, proof of work, agreement, the customer's decision",
            "Whether the name or the domain was changed",
        ),
        weigh=(
            "New facts deserve a new look; a new name for the old deal does not",
            "An appeal is the way to contest a decision; a new registration is for a new state of things",
        ),
        question=(
            "Dear {partner},\n\n{registration} for {customer} resembles a deal on which we decided before. Please tell us "
            "what has changed since then.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. The notice in the portal says what "
            "counted, and how you can appeal."
        ),
    ),
)
