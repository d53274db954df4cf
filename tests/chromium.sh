#!/bin/sh
# Make sure the tests have a Chromium, and the Pango with which PDFs are made: take what is there, or
# Debian's where we may install it. Tests that lack one of them say so and fail.
fetch() {
    echo "Installing for the tests: $*"
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null 2>&1
}
wanted=""
command -v chromium >/dev/null 2>&1 || wanted="chromium"
ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 && ldconfig -p | grep -q libharfbuzz-subset ||
    wanted="$wanted libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
[ -z "$wanted" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    fetch $wanted && exit 0
fi
echo "Missing here: $wanted. The tests need it; on Debian, as root: apt-get install -y $wanted" >&2
exit 0
