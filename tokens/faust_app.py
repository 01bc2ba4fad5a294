"""For Faust's own command line: `faust -A tokens.faust_app worker` is `tokens worker`."""

from tokens.servers import effective_settings
from tokens.worker import create_worker

app = create_worker(effective_settings())
