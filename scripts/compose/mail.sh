#!/bin/sh
# The mail server's name and port into nginx's configuration, which reads no environment itself.
set -eu
sed -e "s|\${MAIL_HOST}|$MAIL_HOST|g" -e "s|\${MAIL_PORT}|$MAIL_PORT|g" -e "s|\${RESOLVER}|$RESOLVER|g" \
  "${TEMPLATE:-/etc/spiral/mail.conf.template}" >"${TMPDIR:-/tmp}/mail.conf"
exec nginx -c "${TMPDIR:-/tmp}/mail.conf" -g 'daemon off;'
