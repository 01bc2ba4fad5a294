"""Schemathesis reads the OpenAPI document and asks what nobody would think of.

More, by hand: `SCHEMATHESIS_EXAMPLES=1000 make test ARGS="-s tests/projections/api/test_schemathesis.py"`.
"""

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx

SEED = 20260301
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))

# A schema cannot tell which day there is, which cursor somebody was given, or which of two instants is later:
# what such a schema allows may still be refused.
CONFIGURATION = """
hooks = "tests.projections.api.schemathesis_hooks"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "403", "404", "409", "413", "415", "422", "503"]
"""


async def test_it_finds_nothing(company: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{company.base_url}/openapi.json"),
        *("--seed", str(SEED), "--max-examples", str(EXAMPLES), "--generation-database", "none"),
        *("--checks", "all", "--no-color"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await run.communicate()
    assert run.returncode == 0, said.decode()
    await _check_that_not_all_was_refused(company)


async def _check_that_not_all_was_refused(company: httpx.AsyncClient) -> None:
    """Else it would have found nothing because it never got to the database."""
    metrics = (await company.get("/metrics")).text
    answered: dict[str, int] = {}
    for route, status, count in re.findall(
        r'tokens_api_requests_total\{method="GET",route="(/api/[^"]+)",status="(\d+)"\} (\d+)', metrics
    ):
        if status == "200":
            answered[route] = int(count)
    document = (await company.get("/openapi.json")).json()
    for path, item in document["paths"].items():
        if path.startswith("/api/") and "get" in item:
            assert answered.get(path.replace("{serial}", "{serial:path}"), 0) >= EXAMPLES / 4, (
                path,
                answered,
            )
