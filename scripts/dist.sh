#!/usr/bin/env bash
# Builds the release: one program that needs nothing but libc, with manual pages, completions, licences and
# checksums, as dist/showerforge-VERSION-TARGET.tar.gz. The build takes its time: the whole program is optimised at once.
#
#   scripts/dist.sh
#
# Needs what the usual build needs, a C++ compiler (for CMake's checks), and CMake 3.26 or newer to build HDF5; an
# older CMake is replaced, for this build only, by PyPI's.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

readonly minimum_cmake=3.26
target=$(rustc -vV | sed -n 's/^host: //p')
version=$(sed -n '/^\[workspace.package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' Cargo.toml)
name=showerforge-${version}-${target}
build=${root}/target/dist
export CARGO_TARGET_DIR=${build}

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }

new_enough() { [[ "$(printf '%s\n' "${minimum_cmake}" "$1" | sort -V | head -n 1)" == "${minimum_cmake}" ]]; }

find_cmake() {
    local found
    found=$(cmake --version 2>/dev/null | sed -n '1s/.* //p')
    [[ -n "${found}" ]] && new_enough "${found}" && return
    local tools=${build}/tools
    if [[ ! -x "${tools}/bin/cmake" ]]; then
        say "CMake is ${found:-missing}; installing a newer one to target/dist/tools"
        if ! python3 -m venv "${tools}" ||
            ! "${tools}/bin/python" -m pip install --quiet "cmake>=${minimum_cmake}" >&2; then
            fail "CMake ${minimum_cmake} or newer is needed to build HDF5"
        fi
    fi
    export PATH=${tools}/bin:${PATH}
}

# The program names no path of this machine.
set_flags() {
    local cargo_home=${CARGO_HOME:-${HOME}/.cargo}
    export RUSTFLAGS="--remap-path-prefix=${cargo_home}=/cargo --remap-path-prefix=${root}=/showerforge"
    export CFLAGS="-ffile-prefix-map=${cargo_home}=/cargo -ffile-prefix-map=${root}=/showerforge"
}

set_commit() {
    SOURCE_DATE_EPOCH=0
    if [[ "$(git rev-parse --show-toplevel 2>/dev/null)" == "${root}" ]]; then
        SHOWERFORGE_COMMIT=$(git rev-parse --short=12 HEAD)
        [[ -z "$(git status --porcelain)" ]] || SHOWERFORGE_COMMIT+=-modified
        SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
        export SHOWERFORGE_COMMIT
    fi
    export SOURCE_DATE_EPOCH
}

check_libraries() {
    local library
    while read -r library; do
        case ${library} in
            libc.so.* | libm.so.* | libgcc_s.so.* | ld-linux*) ;;
            *) fail "the program needs ${library}, expected libc alone" ;;
        esac
    done < <(readelf --dynamic --wide "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    local oldest
    oldest=$(objdump --dynamic-syms "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
    say "needs: $(ldd "$1" | awk '{ print $1 }' | grep -v vdso | tr '\n' ' '), of glibc ${oldest#GLIBC_} or newer"
}

# Each licence text once, after the names of the packages that have it.
licences() {
    local package licence file hash
    local -A text=() of=()
    while IFS='|' read -r package licence; do
        package=${package%% (*}
        local folder=${package/ v/-}
        for file in "${CARGO_HOME:-${HOME}/.cargo}"/registry/src/*/"${folder}"/{,src/zlib/,ext/hdf5/,c_src/mimalloc/v3/}{LICEN[CS]E,COPYING,COPYRIGHT,NOTICE,licen[cs]e}*; do
            [[ -f "${file}" ]] || continue
            hash=$(sha256sum <"${file}")
            text[${hash}]=${file}
            of[${hash}]+="${package} (${licence})"$'\n'
        done
    done < <(cargo tree --locked --edges normal --features static-hdf5 --target "${target}" --prefix none \
        --format '{p}|{l}' | sed 's/ (\*)$//' | sort -u)
    [[ ${#text[@]} -gt 0 ]] || fail "no licences of dependencies were found"
    printf 'The program holds the work of others, under these licences.\n'
    while read -r hash; do
        printf '\n%.0s' {1..2}
        printf '%s' "${of[${hash}]}"
        printf -- '-%.0s' {1..80}
        printf '\n'
        cat "${text[${hash}]}"
    done < <(for hash in "${!of[@]}"; do printf '%s\t%s\n' "${of[${hash}]%%$'\n'*}" "${hash}"; done | LC_ALL=C sort | cut -f2)
}

assemble() {
    local program=$1 folder=$2
    install -D -m 755 "${program}" "${folder}/bin/showerforge"
    "${program}" man --output "${folder}/share/man/man1" >&2
    mkdir -p "${folder}/share/"{bash-completion/completions,zsh/site-functions,fish/vendor_completions.d,showerforge/models}
    "${program}" completions bash >"${folder}/share/bash-completion/completions/showerforge"
    "${program}" completions zsh >"${folder}/share/zsh/site-functions/_showerforge"
    "${program}" completions fish >"${folder}/share/fish/vendor_completions.d/showerforge.fish"
    cp data/models/*.safetensors data/models/README.md "${folder}/share/showerforge/models/"
    cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "${folder}/"
    licences >"${folder}/LICENSES-OF-DEPENDENCIES"
    chmod -R u=rwX,go=rX "${folder}"
    (cd "${folder}" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) >"${folder}.sums"
    mv "${folder}.sums" "${folder}/SHA256SUMS"
}

# What a user does first, without any variable of this shell.
try_out() {
    local folder=$1 scratch
    scratch=$(mktemp -d)
    local generate=("${folder}/bin/showerforge" generate --nevents 1000 --energies '2^8..2^13'
        --model "${folder}/share/showerforge/models/photons-geant4.safetensors")
    env -i "${generate[@]}" --output "${scratch}/showers.h5" >&2
    sleep 1.1
    env -i "${generate[@]}" --output "${scratch}/again.h5" >/dev/null
    cmp "${scratch}/showers.h5" "${scratch}/again.h5" || fail "the same events are not the same bytes"
    env -i "${folder}/bin/showerforge" inspect "${scratch}/showers.h5" >"${scratch}/inspected"
    grep -q 1000 "${scratch}/inspected" || fail "the program does not read what it wrote"
    rm -rf "${scratch}"
}

find_cmake
set_flags
set_commit
cargo build --locked --profile dist --features static-hdf5 --target "${target}" --bin showerforge
program=${build}/${target}/dist/showerforge
check_libraries "${program}"

folder=${build}/${name}
rm -rf "${folder}"
assemble "${program}" "${folder}"
try_out "${folder}"
mkdir -p dist
archive=${root}/dist/${name}.tar.gz
tar --create --sort=name --mtime="@${SOURCE_DATE_EPOCH}" --owner=0 --group=0 --numeric-owner \
    --directory="${build}" "${name}" | gzip -9 --no-name >"${archive}.part"
mv "${archive}.part" "${archive}"
cp "${program}" dist/showerforge
(cd dist && sha256sum showerforge "${name}.tar.gz" >SHA256SUMS)

"${program}" --version
bytes() { stat --format=%s "$1"; }
say "program: dist/showerforge, $(bytes dist/showerforge) bytes"
say "archive: dist/${name}.tar.gz, $(bytes "${archive}") bytes"
if rustup target list --installed 2>/dev/null | grep -q "$(uname -m)-unknown-linux-musl"; then
    say "musl: the target is installed; this script builds for ${target} alone"
else
    say "musl: the target $(uname -m)-unknown-linux-musl is not installed, so there is no build with it"
fi
