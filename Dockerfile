# One image for the migration job, the worker and the API; which one runs is the command's matter.
FROM python:3.11.15-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /src
COPY requirements.lock ./
RUN /venv/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY engine engine
COPY workflows workflows
COPY activities activities
COPY api api
RUN /venv/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11.15-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A number that docker-compose.yml names too; the folder hands its owner on to the volume that is mounted there.
RUN useradd --uid 10001 --create-home --home-dir /home/spiral spiral && install --directory --owner spiral /backups
COPY --from=build /venv /venv
COPY scripts/container_health.py scripts/backup.sh /usr/local/lib/
USER spiral
WORKDIR /home/spiral
ENTRYPOINT ["spiral"]
CMD ["--help"]
