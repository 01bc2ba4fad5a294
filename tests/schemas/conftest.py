"""How hypothesis runs: without its deadline of 200 ms an example, which a machine under load would miss."""

from hypothesis import settings

settings.register_profile("without a deadline", deadline=None, print_blob=True)
settings.load_profile("without a deadline")
