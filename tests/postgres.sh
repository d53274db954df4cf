#!/bin/sh
# Make sure the tests have a PostgreSQL to start for themselves: take what is there, or Debian's
# where we may install it. Tests that lack it are skipped by name, and fail where CI is set.
[ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] && exit 0
command -v initdb >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests: postgresql"
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null 2>&1 && exit 0
fi
echo "Missing here: postgresql. Tests of a clinic on a server are skipped without it; on Debian, as" >&2
echo "root: apt-get install -y postgresql" >&2
exit 0
