#!/bin/sh
# Make sure the tests have the public checkers of FHIR, and the Node they run on: take what is there,
# or Debian's where we may install it. They are for the tests alone. Tests that lack them say so and
# fail.
here="$(dirname "$0")"
there="$here/../../build/judges"
if ! command -v npm >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests: nodejs npm"
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm >/dev/null 2>&1
fi
if ! command -v npm >/dev/null 2>&1; then
    echo "Missing here: npm. The tests of FHIR need it; on Debian, as root: apt-get install -y npm" >&2
    exit 0
fi
cmp -s "$here/package-lock.json" "$there/fetched.json" && exit 0
mkdir -p "$there"
cp "$here/package.json" "$here/package-lock.json" "$there/"
echo "Fetching the checkers of FHIR for the tests"
# Nothing of theirs is run on the way, and what they need only in a project of their own is left out.
if npm ci --prefix "$there" --ignore-scripts --legacy-peer-deps --no-audit --no-fund --silent; then
    cp "$here/package-lock.json" "$there/fetched.json"
else
    echo "The checkers of FHIR could not be fetched from the npm registry." >&2
fi
exit 0
