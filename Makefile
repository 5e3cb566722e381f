# What a newcomer needs: `make demo` and `make test`. Both install what is missing first.

CARGO ?= cargo
BIN = target/release/showerforge
DEMO_OUT ?= demo
export CARGO_TERM_COLOR ?= auto

.PHONY: help demo test test-slurm python-test install-c check-data fmt fmt-check clippy docs deps dist clean-demo

help:
	@echo 'make demo     train briefly on the embedded sample, generate, validate (some minutes on 2 cores)'
	@echo 'make test     every test'
	@echo 'make python-test        build the wheel of the Python module, and test it'
	@echo 'make install-c PREFIX=/usr/local'
	@echo '               install the C interface: library, header, pkg-config file; DESTDIR is respected'
	@echo 'make test-slurm  an array of jobs on a real Slurm, if it can be installed'
	@echo 'make dist     the release: one program that needs only libc, in dist/'
	@echo 'make fmt clippy docs'
	@echo 'make deps     install what the build needs, if it is missing'

# A short training: the report says so.
NOTE = This surrogate was trained for a few minutes only, to show the way from showers to a report. \
    It is far from what a full training reaches.

demo: deps
	$(CARGO) build --release --locked
	$(BIN) train configs/demo.toml --data data/geant4_photons_train.hdf5 \
	    --valid data/geant4_photons_valid.hdf5 --out $(DEMO_OUT) --seed 1 --force
	$(BIN) generate --model $(DEMO_OUT)/model.safetensors --seed 2 --force \
	    --conditions data/geant4_photons_valid.hdf5 --output $(DEMO_OUT)/generated.hdf5
	$(BIN) validate --reference data/geant4_photons_valid.hdf5 \
	    --generated $(DEMO_OUT)/generated.hdf5 --detector calochallenge-photons \
	    --note "$(NOTE)" --output $(DEMO_OUT)/report --force

test: deps check-data
	SHOWERFORGE_TEST_PYTHON="$$(scripts/test-python.sh)" $(CARGO) test --workspace --locked --release

# After `make test`, whose build it goes on with.
python-test: deps
	scripts/python-test.sh

PREFIX ?= /usr/local
# The whole workspace, so that its build serves the tests and the program too.
install-c: deps
	$(CARGO) build --workspace --release --locked
	scripts/install-c.sh target/release "$(PREFIX)"

# Skips itself, loudly, where Slurm cannot be had.
test-slurm: deps
	$(CARGO) test --workspace --locked --release --no-run
	scripts/test-slurm.sh $(BIN)

dist: deps
	scripts/dist.sh

check-data:
	cd data && sha256sum --check --quiet SHA256SUMS

fmt:
	$(CARGO) fmt --all

fmt-check:
	$(CARGO) fmt --all -- --check

clippy: deps
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

docs: deps
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps --locked

deps:
	@scripts/install-deps.sh

clean-demo:
	rm -rf $(DEMO_OUT)
