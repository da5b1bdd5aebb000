# The migrator as an image: `docker build -t migrator .`
# BASE needs Python 3.11 or newer with venv. From Python 3.12 on its SQLite has to be 3.42 or newer: Debian 13 has it, Debian 12 has not.
ARG BASE=docker.io/library/python:3.13-slim-trixie

# hadolint ignore=DL3006
FROM ${BASE} AS build
# Only where a proxy with a certificate of its own stands before the package registry: a file that is mounted for the build.
ARG PIP_CERT
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements/build.lock requirements/runtime.lock requirements/
# One environment builds, the other one ships: the shipped one holds no pip and nothing that only building needs.
RUN python3 -m venv /opt/build \
 && python3 -m venv --without-pip /opt/migrator \
 && /opt/build/bin/pip install --require-hashes --requirement requirements/build.lock \
 && /opt/build/bin/pip --python /opt/migrator/bin/python install --require-hashes --only-binary :all: --requirement requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY migrator migrator
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/build/bin/pip --python /opt/migrator/bin/python install --no-deps --no-index --find-links /wheels migrator

# hadolint ignore=DL3006
FROM ${BASE}
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="migrator" \
      org.opencontainers.image.description="Moves a project's GitHub issues and pull requests to their new home" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN groupadd --gid 10001 migrator \
 && useradd --uid 10001 --gid migrator --home-dir /data --no-create-home --shell /usr/sbin/nologin migrator \
 && install --directory --owner migrator --group migrator --mode 0700 /data
COPY --from=build /opt/migrator /opt/migrator
# Everything is compiled already and all that changes lies in /data or /tmp, so the root file system can be read-only.
ENV PATH=/opt/migrator/bin:$PATH \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MIGRATOR_DATABASE_URL=sqlite:////data/migrator.sqlite
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9090/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["migrator"]
CMD ["serve", "--no-worker", "--host", "0.0.0.0", "--port", "8080", "--operations-port", "9090"]
