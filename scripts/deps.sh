#!/bin/sh
# Installs what building and testing Stepback needs beyond Go and git, and only what is missing: when
# nothing is, it returns at once without touching the network. It knows Debian's packages; on another
# system it names the commands to install by hand.
set -eu

missing_commands=
missing_packages=

# need NAME PACKAGE [TEST…]: NAME must be there, or TEST must succeed; PACKAGE brings it.
need() {
	name=$1 package=$2
	shift 2
	[ $# -gt 0 ] || set -- command -v "$name"
	if ! "$@" >/dev/null 2>&1; then
		missing_commands="$missing_commands $name"
		case " $missing_packages " in
		*" $package "*) ;;
		*) missing_packages="$missing_packages $package" ;;
		esac
	fi
}

# For building: the race detector and the debuggees.
need gcc gcc
need g++ g++
need make make
need objdump binutils
need libc-headers libc6-dev test -e /usr/include/stdio.h
need kernel-headers linux-libc-dev test -e /usr/include/x86_64-linux-gnu/asm/unistd_64.h

# Programs that the tests record. Python is the system's own: shims of version managers are shell
# scripts around it. The tests start redis-server themselves, from redis-tools, whose redis-check-rdb
# is the same executable: the redis-server package would leave a service running on the machine.
need bash bash
need xz xz-utils
need zstd zstd
need sqlite3 sqlite3
need python3 python3 /usr/bin/python3 -c 'import json, socket, subprocess, threading, zlib'
need perl perl-base
need node nodejs
need redis-server redis-tools command -v redis-check-rdb
need redis-benchmark redis-tools
need openblas libopenblas0-pthread test -e /usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0
need openblas-headers libopenblas-pthread-dev test -e /usr/include/x86_64-linux-gnu/cblas.h

# What drives and examines them.
need gdb gdb
need clang clang
need script bsdutils
need ps procps
need mount mount
need timeout coreutils

# What the benchmark runs beside them: another interpreter, other translators.
need lua5.4 lua5.4
need valgrind valgrind
need qemu-x86_64 qemu-user

[ -n "$missing_packages" ] || exit 0

say() { echo "deps: $*" >&2; }

if ! command -v apt-get >/dev/null 2>&1; then
	say "missing:$missing_commands. This system has no apt-get: install them with its own package manager."
	exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1; then
	as_root=sudo
else
	say "missing:$missing_commands. Installing them needs root: run, as root, apt-get install$missing_packages"
	exit 1
fi

say "installing$missing_packages"
# shellcheck disable=SC2086 # words on purpose
install() {
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $missing_packages >"$log" 2>&1
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A fresh machine has no lists of packages, another one has old lists.
if ! { $as_root apt-get update -qq >"$log" 2>&1 && install; }; then
	cat "$log" >&2
	say "apt-get could not install$missing_packages (its messages are above)"
	exit 1
fi
