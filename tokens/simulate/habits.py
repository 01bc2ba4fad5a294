"""How often anything happens in the simulated company: the one place to make it more or less of anything.

Probabilities are between 0 and 1; weights of a list add up to 1; stretches of time are in the unit their name
ends in. With these, 800 days give a token 4 to 5 events.
"""

# Customers and what they order
TOKENS_A_CUSTOMER = ((0.60, (20, 150)), (0.30, (150, 400)), (0.10, (400, 900)))  # mean about 200
ORGANIZATIONS_A_CUSTOMER = ((0.50, 1), (0.33, 2), (0.17, 3))
LINES_AN_ORDER = ((0.45, 1), (0.30, 2), (0.15, 3), (0.10, 4))
TOKENS_A_LINE = ((0.10, (1, 4)), (0.76, (8, 22)), (0.11, (24, 60)), (0.03, (61, 200)))
TERM_YEARS = ((0.55, 1), (0.29, 3), (0.16, 5))
LATEST_JOIN = 0.6  # of the history has passed at most when a customer first orders
RECENT_ORDER = 0.06  # of the orders fall into the last weeks, so that some tokens are New
RECENT_DAYS = 35

# Documents of the ERP
SERIALS_NAMED_LATE = 0.35  # of the orders leave the serials to the shipment
HAS_PURCHASE_ORDER = 0.93
HAS_REFERENCE = 0.8
ORDER_NEVER_SENT = 0.012
SHIPMENTS_AN_ORDER = ((0.70, 1), (0.22, 2), (0.08, 3))
DAYS_TO_SHIP = (3, 35)
DAYS_BETWEEN_SHIPMENTS = (4, 30)
SHIPMENT_NEVER_SENT = 0.01
SHIPMENT_REVISED = 0.03
SHIP_DATE_SLIP = 0.008  # a date typed weeks too early
SERIAL_SCANNED_TWICE = 0.02  # of the shipments list a token of an earlier line
REVISIONS_OF_AN_ORDER = (
    (0.82, "none"),
    (0.09, "references"),
    (0.03, "cancellation"),
    (0.03, "plan before delivery"),
    (0.015, "plan in the term"),
    (0.015, "cancellation after delivery"),
)
BEFORE_DELIVERY_DAYS = (0, 2)  # from the order until a correction made in time
AFTER_DELIVERY_DAYS = (5, 40)
IN_THE_TERM_DAYS = (60, 300)
SERIALS_ADDED_LATER = 0.25  # of the orders without serials are sent again with them after delivery
REVISION_OF_ONE_LINE = 0.3  # of the revisions leave out the lines that stay as they were

# What becomes of delivered tokens
APPLIED_IN_TIME = 0.84
DAYS_TO_SITE = (6, 100)  # from delivery until a site is fitted out
SITE_DAYS = 12
SECOND_PORT = 0.2  # of the tokens go to the second port of the station before
RENEWED = 0.65  # of the terms that end soon are renewed by the next order
RENEWAL_BOUGHT_DAYS = (5, 150)  # before the term's end
RENEWALS_AN_ORDER = 0.6  # of its tokens at most
APPLIED_BY_MISTAKE = 0.008
DAYS_TO_APPLY_RENEWAL = (0, 12)
MOVED = 0.015
MOVED_AFTER_UNAPPLICATION = 0.5  # of the moves
DAYS_TO_CHANGE = (
    15,
    300,
)  # from the application until a move, an un-application or the return of a used token
UNAPPLIED_FOR_GOOD = 0.008
ACTIVATED_UNAPPLIED = 0.004
RETURNED_UNUSED = 0.06  # of the tokens that were not applied
DAYS_TO_RETURN = (10, 90)
RETURNED_USED = 0.004

# Stations
COMMISSIONED_BEFORE = 0.35  # of the stations have booted before a token is applied
NEVER_REPORTS = 0.03
DAYS_TO_FIRST_BOOT = (0, 25)
COMMISSIONED_DAYS = (1, 30)
BOOTS_A_YEAR = 8.0
ACTIVATION_NAMES_TOKEN = 0.25

# Owners
LINES_TRANSFERRED = 0.16  # of customers that have several organizations
DAYS_TO_TRANSFER = (5, 250)
TOKENS_TRANSFERRED = 0.8  # of such a line
TRANSFERRED_ON = 0.15
TRANSFER_REFUSED = 0.08
TRANSFER_RETRACTED = 0.03

# Delivery of the messages
DELIVERED_TWICE = 0.03
DELIVERED_WITHIN_SECONDS = (
    (0.90, (0, 4)),
    (0.07, (5, 7_200)),
    (0.025, (7_200, 259_200)),
    (0.005, (259_200, 2_592_000)),
)
DELIVERED_AGAIN_SECONDS = (1, 172_800)
