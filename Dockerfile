# The service alone: no embedded servers, no tools. Used by docker-compose.yml.
FROM python:3.11-slim AS compiled
RUN apt-get update && apt-get install -y --no-install-recommends cargo
WORKDIR /native
COPY native/Cargo.toml ./
COPY native/src src
RUN cargo build --release && cp target/release/libcompiled.so compiled.so

FROM python:3.11-slim
WORKDIR /service
COPY requirements-service.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-service.lock
COPY native/__init__.py native/
COPY --from=compiled /native/compiled.so native/
COPY schemas schemas
COPY lifecycle lifecycle
COPY projections projections
COPY tokens tokens
RUN python -m compileall -q native schemas lifecycle projections tokens
USER nobody
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["python", "-m", "tokens"]
