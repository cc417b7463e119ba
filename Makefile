# The front door; the work is done by tools/*.sh and Meson. Everything that is made lies under build/.
.DEFAULT_GOAL := build
.PHONY: build run tour test bench bench-growth eval fuzz chaos soak train mutants clean help

build: ## install what is missing, build the gateway (the default)
	@tools/setup.sh build
	@tools/build.sh release

run: ## build, show the tour, then serve in the foreground until Ctrl-C
	@tools/setup.sh tour
	@tools/build.sh release
	@tour/tour.py --serve

tour: ## build, show the tour, end; exit 0 only if every decision was the expected one
	@tools/setup.sh tour
	@tools/build.sh release
	@tour/tour.py

test: ## everything that is tested; the last line counts
	@tools/test.sh

bench: ## cost per request against bare nginx
	@tools/setup.sh test
	@tools/build.sh release
	@tools/bench.sh

fuzz: ## fuzz every target for SALLYPORT_FUZZ_SECONDS in all (an hour unless told)
	@tools/setup.sh test
	@tools/fuzz.sh $${SALLYPORT_FUZZ_SECONDS:-3600}

bench-growth: ## how cost and memory grow with body size, connections, workers, destinations, as plots
	@tools/setup.sh test
	@tools/build.sh release
	@tools/bench.sh --growth

eval: ## what the detectors find beside what others find, on the labelled texts of ../shared
	@tools/setup.sh build
	@tools/build.sh release
	@tools/eval

chaos: ## kill parts and cut the power under load, SALLYPORT_CHAOS_ROUNDS rounds (1000); goes on where it broke off
	@tools/setup.sh test
	@tools/build.sh release
	@build/venv/bin/python test/chaos/chaos.py --resume --rounds $${SALLYPORT_CHAOS_ROUNDS:-1000}

soak: ## half an hour (SALLYPORT_SOAK_SECONDS) at half load: does memory, descriptors or a zone grow?
	@tools/setup.sh test
	@tools/build.sh release
	@build/venv/bin/python test/soak/soak.py

train: ## learn share/models anew from the texts of tools/train (minutes); the same commit gives the same bytes
	@tools/setup.sh test
	@tools/build.sh release
	@ninja -C build --quiet test/models/model_tool
	@build/venv/bin/python tools/train/train.py --tool build/test/models/model_tool

mutants: ## take each control out in a copy and see that a test fails without it (half an hour)
	@tools/setup.sh test
	@build/venv/bin/python test/mutants/mutants.py

clean: ## remove build/
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile
