"""
Cookies and the audience of the public pages (article 82 of the Loi Informatique et Libertés).

No cookie measures anything: whoever agreed is counted on our side, a row a page, that knows neither who nor which
browser. Silence is refusal.
"""
