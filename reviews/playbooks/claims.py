"""Standard playbooks of cases in which claims stand against each other."""

from __future__ import annotations

from reviews.playbooks.play import Play

CLAIMS = (
    Play(
        "competing_registration",
        "Two partners registered the same deal",
        gather=(
            "Who spoke to the customer first, and with whom: dates from each side's own records",
            "Proof of work of each side: meeting notes, validation report, proposal, signed statement of work",
            "Whether both mean the same project: site, scope, budget, buying centre",
            "The customer's written preference, if it gave one without being asked by a party",
            "Activity of each side in the last 30 days",
            "Whether one side buys through the other's distributor",
        ),
        weigh=(
            "Dated proof of work counts for more than the earlier form: registering early is not working the deal",
            "A written word of the customer counts for more than either side's account of it",
            "Two projects at one customer are two deals: part the products before you part the partners",
            "If both worked it alike, a split or a mediation costs less than an appeal",
        ),
        question=(
            "Dear {partner},\n\nto decide on {registration} for {customer} we need to see the work behind it. Please add "
            "dated proof: whom you met and when, what you validated or proposed, and the next step agreed with the customer. "
            "Notes or a letter of the customer are enough.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer} ({products}) by the rules of {program}. "
            "What counted was the dated work on record at the time of the decision. The notice in the portal gives the "
            "reasons and the time within which you can appeal."
        ),
    ),
    Play(
        "account_owned",
        "The account belongs to somebody already",
        gather=(
            "The ownership record: since when, for which products, until when",
            "The owner's last activity on the account, and what it was",
            "What the registering side did at the customer, with dates",
            "Whether the owner in our records and in the CRM is the same",
            "Whether the products differ from those that the owner covers",
        ),
        weigh=(
            "An owner who works the account keeps it; one who has been silent past the follow-up time may not",
            "Other products on the same account are often another deal",
            "A change of owner needs a date from which it counts, and both sides' open quotes settled",
        ),
        question=(
            "Dear {partner},\n\nfor {registration} at {customer} please tell us since when you have worked with the customer "
            "on {products}, your contact there, and your last and next dated steps.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. Ownership of an account follows the "
            "records and the work on it, as the rules of {program} say. The notice in the portal gives the reasons."
        ),
    ),
    Play(
        "direct_engagement",
        "The direct team is on the account",
        gather=(
            "The direct opportunity: stage, created, last activity, amount",
            "Who brought the customer in: the first dated contact of each side",
            "Whether a co-sell partner is named on the opportunity",
            "What the customer was told about how it will be served",
            "Whether the direct team went on after the partner's registration came in",
        ),
        weigh=(
            "The direct team is a party like any other: the same facts, the same clock",
            "A stale opportunity is no claim; look at the last activity, not at the stage",
            "Where both worked it, co-sell with the partner as owner keeps trust and the deal",
        ),
        question=(
            "Dear {partner},\n\nplease add what shows your work at {customer} for {registration}: first contact, meetings, a "
            "proposal, and who at the customer asked you for {products}.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. The direct team's work is weighed by the "
            "same rules as a partner's. The notice in the portal gives the reasons and what follows for you."
        ),
    ),
    Play(
        "co_sell",
        "Co-sell: who owns, who supports",
        gather=(
            "The agreed co-sell record: who named whom, and when",
            "Who holds the contract with the customer",
            "Which tasks each side has taken: demand, validation, delivery, renewal",
            "What support pays, and from which budget",
        ),
        weigh=(
            "The side that holds the customer's contract owns the deal; the other supports it",
            "Write the tasks down with the decision: unclear support is the next conflict",
        ),
        question=(
            "Dear {partner},\n\nfor {registration} at {customer} please tell us which part of the deal you will carry "
            "yourself, who at your company leads it, and which support you need from us.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. The notice in the portal says which part "
            "in the deal is yours; your partner manager agrees the next steps with you."
        ),
    ),
    Play(
        "corporate_family",
        "A claim on another company of the same group",
        gather=(
            "The family: who is parent, who is subsidiary or branch, and from which source we know it",
            "Which company buys: contract, budget, delivery address",
            "Whether the group buys centrally for these products",
            "Proof of work at exactly the company that buys",
            "Frame contracts of the group with anybody",
        ),
        weigh=(
            "Related is not the same: a subsidiary that buys for itself is its own deal",
            "If the group buys centrally, whoever works the buying centre works the deal",
            "Correct the family tree first when it is wrong: the finding may go with it",
        ),
        question=(
            "Dear {partner},\n\nfor {registration} please tell us which legal entity of {customer} signs, where the budget "
            "lies, and whom you work with there.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. What counted is which company buys, and "
            "the work on record there. The notice in the portal gives the reasons."
        ),
    ),
    Play(
        "duplicate_registration",
        "The same partner registered it before",
        gather=(
            "The earlier registration: status, products, protection",
            "What is new: project, site, products, contact",
            "Whether the earlier one should have been amended or extended instead",
        ),
        weigh=(
            "The same deal is registered once: amend the earlier one",
            "A new project at the same customer is a deal of its own if its scope can be told apart",
        ),
        question=(
            "Dear {partner},\n\n{registration} for {customer} looks like a deal that you registered before. Please tell us "
            "what is different: project, site, products or contact. If it is the same, withdraw this one and add your proof "
            "to the earlier one.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer}. Your earlier registration of the deal "
            "stays as it is; the notice in the portal says what follows for this one."
        ),
    ),
    Play(
        "raised_concern",
        "Somebody raised a concern by hand",
        gather=(
            "What the raiser saw, in their own words, with date and place",
            "What our own records say about the same days",
            "Each party's account, asked in the same words",
            "Whether the same was raised before, and what came of it",
            "Whether a rule or a record must change, whatever is decided here",
        ),
        weigh=(
            "A concern is no proof: decide on records, as with any other case",
            "Ask both sides the same question before you believe either",
            "Nobody is worse off for having raised a concern in good faith",
            "If the records are right and clear, explain; if they are wrong, correct them first and look again",
        ),
        question=(
            "Dear {partner},\n\nwe are looking at {registration} for {customer}. Please tell us in a few sentences how the "
            "deal came about and where it stands: first contact, work done, next step agreed with the customer.\n\nThe clock "
            "stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have looked at {registration} for {customer} and decided by the rules of {program}. The "
            "notice in the portal gives the reasons and the time within which you can appeal."
        ),
    ),
    Play(
        "routine",
        "A registration that a person looks at",
        gather=(
            "Whether the customer is who the registration says: name, domain, place",
            "Whether product, amount and closing date fit the customer",
            "The partner's history: win rate, follow-up, open registrations",
        ),
        weigh=(
            "Nothing stands against it: approve unless the record itself is not credible",
            "If something should have been found and was not, say so in a work note: the rules learn from it",
        ),
        question=(
            "Dear {partner},\n\nto approve {registration} for {customer} we need one more fact. Please confirm the project, "
            "its budget and the date by which the customer decides.\n\nThe clock stands until your answer."
        ),
        notice=(
            "Dear {partner},\n\nwe have decided on {registration} for {customer} ({products}). The notice in the portal says "
            "what follows, and until when the deal is protected."
        ),
    ),
)
