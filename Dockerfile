# The service alone: no embedded servers, no tools. Used by docker-compose.yml.
FROM python:3.11-slim
WORKDIR /service
COPY requirements-service.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-service.lock
COPY schemas schemas
COPY lifecycle lifecycle
COPY projections projections
COPY tokens tokens
RUN python -m compileall -q schemas lifecycle projections tokens
USER nobody
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["python", "-m", "tokens"]
