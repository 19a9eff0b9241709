"""
Invoices (factures), from the draft to the accountant.

`preparing` makes drafts, `issuing` numbers them for good, `invoice_documents` sets them as Factur-X files.
"""
