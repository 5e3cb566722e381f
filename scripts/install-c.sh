#!/usr/bin/env bash
# Installs the C interface: libshowerforge.so (with its version), libshowerforge.a, the header and the
# pkg-config file. Usage: scripts/install-c.sh FOLDER PREFIX
#   FOLDER  where cargo put libshowerforge_c.so and libshowerforge_c.a
#   PREFIX  an absolute path, such as /usr/local
# The files go under $DESTDIR, if that is set, as packagers want it.
set -euo pipefail

if [[ $# -ne 2 || "$2" != /* ]]; then
    printf 'usage: scripts/install-c.sh FOLDER PREFIX, with an absolute PREFIX\n' >&2
    exit 2
fi
readonly built="$1" prefix="${2%/}"
readonly crate="$(cd "$(dirname "$0")/../bindings/c" && pwd)"
readonly root="${DESTDIR:-}${prefix}"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "${crate}/../../Cargo.toml" | head -n1)
# As the soname in bindings/c/build.rs.
readonly interface=0

for library in libshowerforge_c.so libshowerforge_c.a; do
    if [[ ! -f "${built}/${library}" ]]; then
        printf 'error: there is no %s; build the crate showerforge-c first\n' "${built}/${library}" >&2
        exit 1
    fi
done

install -d "${root}/lib/pkgconfig" "${root}/include"
install -m 755 "${built}/libshowerforge_c.so" "${root}/lib/libshowerforge.so.${version}"
ln -sfn "libshowerforge.so.${version}" "${root}/lib/libshowerforge.so.${interface}"
ln -sfn "libshowerforge.so.${interface}" "${root}/lib/libshowerforge.so"
install -m 644 "${built}/libshowerforge_c.a" "${root}/lib/libshowerforge.a"
install -m 644 "${crate}/include/showerforge.h" "${root}/include/showerforge.h"
# What the system's libraries a static link needs besides.
# What of the static library is not used needs more libraries, and is left out.
readonly static_libraries='-Wl,--gc-sections -lpthread -ldl -lm'
description=$(<"${crate}/showerforge.pc.in")
description=${description//@PREFIX@/"${prefix}"}
description=${description//@VERSION@/"${version}"}
description=${description//@STATIC_LIBS@/"${static_libraries}"}
printf '%s\n' "${description}" >"${root}/lib/pkgconfig/showerforge.pc"
chmod 644 "${root}/lib/pkgconfig/showerforge.pc"
