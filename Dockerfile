# One image for the migration job, the worker and the API; which one runs is the command's matter.
FROM python:3.11.13-slim-bookworm AS build
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

FROM python:3.11.13-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --create-home --home-dir /home/spiral spiral
COPY --from=build /venv /venv
COPY scripts/container_health.py /usr/local/lib/container_health.py
USER spiral
WORKDIR /home/spiral
ENTRYPOINT ["spiral"]
CMD ["--help"]
