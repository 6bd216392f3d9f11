# Debian's squid, as it comes: the tests of this project run our configuration with the same package.
FROM debian:12.15-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates squid \
    && rm -rf /var/lib/apt/lists/*
USER proxy
ENTRYPOINT ["squid", "--foreground", "-f", "/etc/squid/squid.conf"]
