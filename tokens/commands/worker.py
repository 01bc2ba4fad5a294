"""`tokens worker`: one process that reads all topics and records them."""


def worker() -> None:
    """Read events from Kafka and record them in Postgres, until Ctrl-C.

    Run as many as there are partitions, at most; each answers at TOKENS_WORKER_HTTP.
    """
    from tokens.logs import set_up_logs
    from tokens.servers import effective_settings
    from tokens.worker import run_worker

    settings = effective_settings()
    set_up_logs(settings)
    run_worker(settings)
