#!/bin/sh
# Fills /opt/yanxiu, in two layers of an image: a role's libraries seldom change, our own wheels often.
#   install.sh libraries LOCK     what the lock names and nothing else; pip stays beside it, in /opt/pip
#   install.sh ours WHEELS NAME...   our distributions, out of a folder
set -eu
what=$1 from=$2
shift 2
pip() { /opt/pip/bin/python -m pip --python /opt/yanxiu/bin/python --disable-pip-version-check install -q --no-deps "$@"; }
case $what in
  libraries)
    python3 -m venv /opt/pip
    python3 -m venv --without-pip /opt/yanxiu
    pip --require-hashes --only-binary :all: -r "$from"
    ;;
  # Our names are on no index: nobody else's may be taken for them.
  ours) pip --no-cache-dir --no-index --find-links "$from" "$@" ;;
esac
