# Sourced by tools/quickstart and tools/check: finds MLIR 22.1 and the tools of
# the build, installs what is missing where it may, and says what it does.
#
#   ensure_packages   returns when everything is there; exits with a reason if not
#   build             configures if needed and builds everything
#
# Nothing is installed, and no rights are needed, where nothing is missing.

packages=(libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools clang-22
  clang-format-22 libclang-rt-22-dev liblld-22-dev cmake ninja-build ccache
  libgtest-dev libeigen3-dev libicu-dev git python3)
commands=(clang-22 clang++-22 cmake ninja ccache git python3)
headers=(/usr/include/gtest/gtest.h /usr/include/eigen3/Eigen/Core
  /usr/include/unicode/regex.h)
distribution_mlir=/usr/lib/llvm-22/lib/cmake/mlir
security_source=/etc/apt/sources.list.d/heed-bookworm-security.sources
install_line="apt-get install --no-install-recommends ${packages[*]}"

say() { echo "heed: $*"; }
stop() { echo "heed: error: $*" >&2; exit 1; }

is_root() { [ "$(id -u)" = 0 ]; }
has_command() { command -v "$1" >/dev/null; }
has_file() { [ -e "$1" ]; }
system_name() { (. /etc/os-release && echo "$PRETTY_NAME"); }
is_debian_12() { (. /etc/os-release && [ "$ID-$VERSION_ID" = debian-12 ]); }

# Is the CMake folder $1 that of an MLIR 22.1?
is_mlir() {
  grep -qs 'set(PACKAGE_VERSION "22\.1' "$1/MLIRConfigVersion.cmake"
}

# Prints the CMake folder of MLIR; prints nothing if there is none.
find_mlir() {
  if [ -n "${MLIR_DIR:-}" ]; then
    echo "$MLIR_DIR"
  elif is_mlir "$distribution_mlir"; then
    echo "$distribution_mlir"
  fi
}

# Prints what the build needs and does not find, one per line.
missing() {
  local mlir name
  mlir=$(find_mlir)
  [ -n "$mlir" ] || echo "MLIR 22.1"
  for name in "${commands[@]}"; do
    has_command "$name" || echo "$name"
  done
  for name in "${headers[@]}"; do
    has_file "$name" || echo "$name"
  done
  [ -z "$mlir" ] || for name in mlir-tblgen mlir-opt FileCheck lit; do
    has_file "$mlir/../../../bin/$name" || echo "$name"
  done
  [ -z "$mlir" ] || has_file "$mlir/../../liblldELF.a" || echo "liblldELF.a"
}

has_candidate() {
  [[ $(apt-cache policy libmlir-22-dev) =~ "Candidate: "[^\(] ]]
}

# LLVM 22 lies in a suite that a minimal root does not list.
add_security_source() {
  say "libmlir-22-dev has no candidate: adding the suite bookworm-security in" \
    "$security_source"
  cat >"$security_source" <<END
Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
}

install_packages() {
  apt-get update
  if ! has_candidate; then
    add_security_source
    apt-get update
    has_candidate || stop "libmlir-22-dev still has no candidate; see above"
  fi
  DEBIAN_FRONTEND=noninteractive $install_line --yes
}

ensure_packages() {
  local lacking
  if [ -n "${MLIR_DIR:-}" ] && ! is_mlir "$MLIR_DIR"; then
    stop "MLIR_DIR is $MLIR_DIR, which is not the CMake folder of an MLIR" \
      "22.1 (it would hold MLIRConfigVersion.cmake)"
  fi
  lacking=$(missing)
  [ -n "$lacking" ] || return 0
  say "not found:" $lacking
  if ! is_debian_12; then
    [ -n "$(find_mlir)" ] ||
      stop "this is $(system_name), not Debian 12: install MLIR 22.1 and name" \
        "its CMake folder (.../lib/cmake/mlir) in MLIR_DIR"
    stop "this is $(system_name), not Debian 12: install the above yourself"
  fi
  if ! is_root; then
    say "as root, this installs it (LLVM 22 is in bookworm-security):"
    echo "    $install_line"
    exit 1
  fi
  install_packages
  lacking=$(missing)
  [ -z "$lacking" ] || stop "still not found after installing:" $lacking
}

# Builds the tree at $1 and leaves its programs in $1/build/bin.
build() {
  (cd "$1" && cmake --preset default --log-level=WARNING \
    -DMLIR_DIR="$(find_mlir)") || stop "cmake failed; see above"
  ninja -C "$1/build" -j "$(nproc)" || stop "the build failed; see above"
}
