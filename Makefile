# Stepback's tasks. `make help` prints this file's own ## comments.

GO       ?= go
BIN      := bin/stepback
# How long one package's tests may take. The end-to-end tests need most of it.
TIMEOUT  ?= 20m
# Passed on to the tests, for example: make test ARGS='-run Programs/xz -v'
ARGS     ?=
# Passed on to the benchmark, for example: make bench BENCH='-rows xz,dd -pairs 9'
BENCH    ?=
# How many moves each of the long walks makes.
WALK     ?= 200
# How long each fuzz target runs.
FUZZTIME ?= 10s

.DEFAULT_GOAL := help
.PHONY: help deps build test walk lint bench fuzz clean

help: ## print this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | \
	  while IFS="$$(printf '\t')" read -r target text; do printf '  make %-8s %s\n' "$$target" "$$text"; done

deps: ## install what the tests use and this machine lacks (Debian packages)
	@sh scripts/deps.sh

build: ## build bin/stepback: one static binary, no cgo
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/stepback

test: deps build ## run every test: packages under the race detector, then whole programs
	CGO_ENABLED=1 $(GO) test -race -timeout $(TIMEOUT) $(ARGS) ./...

walk: deps build ## travel at random through recordings of many programs, WALK (200) moves in each
	STEPBACK_WALK=$(WALK) $(GO) test -v -count=1 -timeout 12h -parallel 2 -run '^TestWalks$$' $(ARGS) ./tests/e2e

lint: ## go vet, gofmt and staticcheck over everything
	$(GO) vet ./...
	@unformatted="$$(gofmt -l .)"; \
	  if [ -n "$$unformatted" ]; then echo "gofmt would change:" >&2; echo "$$unformatted" >&2; exit 1; fi
	$(GO) tool staticcheck ./...

bench: deps build ## compare recorded and native runs, and travel beside gdb, as tables
	$(GO) run ./tests/bench -stepback $(BIN) $(BENCH)

fuzz: ## run every fuzz target for FUZZTIME (10s)
	@GO='$(GO)' sh scripts/fuzz.sh $(FUZZTIME)

clean: ## remove what the build made
	rm -rf bin
