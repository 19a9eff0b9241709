"""
The one door for everybody, on django-allauth: e-mail and password or a passkey, then a second factor.

`urls` lists its pages, `adapters` is what allauth asks of us, `middleware` what holds once somebody is in.
"""
