#!/usr/bin/env bash
# Installs what the build needs and does not find: HDF5's headers, pkg-config, a C compiler.
# On Debian and Ubuntu with apt-get, as root or through sudo; elsewhere it says what to install.
set -euo pipefail

readonly minimum_rust=1.95

say() { printf '%s\n' "$*" >&2; }

missing_packages() {
    command -v cc >/dev/null || command -v gcc >/dev/null || echo gcc libc6-dev
    command -v pkg-config >/dev/null || echo pkg-config
    have_hdf5 || echo libhdf5-dev
}

# Where hdf5-metno-sys looks.
have_hdf5() {
    [[ -n "${HDF5_DIR:-}" && -d "${HDF5_DIR}" ]] || pkg-config --exists hdf5 2>/dev/null
}

check_rust() {
    if ! command -v cargo >/dev/null || ! command -v rustc >/dev/null; then
        say "error: cargo is missing; install Rust ${minimum_rust} or newer (see rust-lang.org)"
        exit 1
    fi
    local version
    version=$(rustc --version | cut -d' ' -f2)
    if [[ "$(printf '%s\n' "${minimum_rust}" "${version}" | sort -V | head -n1)" != "${minimum_rust}" ]]; then
        say "error: rustc is ${version}; showerforge needs ${minimum_rust} or newer"
        exit 1
    fi
}

install_with_apt() {
    local -a as_root=()
    if [[ "$(id -u)" -ne 0 ]]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            return 1
        fi
        as_root=(sudo -n)
    fi
    say "installing: $*"
    "${as_root[@]}" apt-get -qq update >&2 || say "warning: apt-get update failed; trying with the lists at hand"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends "$@" >&2
}

main() {
    check_rust
    local -a missing
    read -r -a missing <<<"$(missing_packages | tr '\n' ' ')"
    if [[ ${#missing[@]} -eq 0 ]]; then
        return
    fi
    if command -v apt-get >/dev/null && install_with_apt "${missing[@]}" && [[ -z "$(missing_packages)" ]]; then
        return
    fi
    say "error: the build needs what these Debian packages hold: ${missing[*]}"
    say "  Debian, Ubuntu: sudo apt-get install ${missing[*]}"
    say "  Fedora, Alma:   sudo dnf install gcc pkgconf-pkg-config hdf5-devel"
    say "  Arch:           sudo pacman -S gcc pkgconf hdf5"
    say "  macOS:          brew install pkg-config hdf5"
    say "  conda:          conda install hdf5 pkg-config, then export HDF5_DIR=\$CONDA_PREFIX"
    exit 1
}

main
