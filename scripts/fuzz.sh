#!/bin/sh
# Runs every fuzz target of the module for a while, one after the other: go test can fuzz only one
# target of one package at a time.
#
# usage: fuzz.sh [TIME]        TIME for each target, as go test's -fuzztime takes it; 10s if absent
set -eu
go=${GO:-go}
fuzztime=${1:-10s}

$go list ./... | while read -r package; do
	$go test -list '^Fuzz' "$package" | { grep '^Fuzz' || true; } | while read -r target; do
		echo "fuzz: $package $target, $fuzztime"
		$go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" "$package" </dev/null
	done
done
