#!/bin/sh
# Make sure the browser tests have a Chromium: take the one that is there, or Debian's where we may
# install it. Without one the browser tests say so and fail.
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests"
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null 2>&1 && exit 0
fi
echo "No Chromium here. The browser tests need it; on Debian, as root: apt-get install -y chromium" >&2
exit 0
