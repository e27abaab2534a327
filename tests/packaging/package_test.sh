#!/usr/bin/env bash
# package.sh with a finished build, and what the packages have in them: package_test.sh BUILD. What takes
# longer, and that they install, upgrade and go away again, is for debian_test.sh.
# shellcheck source=harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

build=$1
shared=$(mktemp -d "${TMPDIR:-/tmp}/zb-XXXXXX")
trap 'rm -rf "${shared:?}"' EXIT

package() { "$source_dir/packaging/package.sh" --from "$build" --compress none "$@"; }

deb() { printf '%s\n' "$shared/debs/$1"_*.deb; }

skip_without() {
  type -P "$1" >/dev/null && return 1
  printf 'skipped: there is no %s\n' "$1"
}

# Both packages, as they would be installed.
unpack() {
  dpkg-deb -x "$(deb zbroker)" root
  dpkg-deb -x "$(deb libzbroker-dev)" root
  PATH=$PWD/root/usr/bin:$PATH
}

test_packages_have_what_they_are_for() {
  local path list
  list=$(dpkg-deb -c "$(deb zbroker)")
  for path in usr/bin/{zbrokerd,zctl,zlease,zlease-gateway} \
    lib/systemd/system/zbrokerd.{service,socket} usr/lib/systemd/user/zbrokerd.{service,socket} \
    usr/lib/systemd/user/zlease-gateway.{service,socket} usr/lib/sysusers.d/zbroker.conf \
    usr/lib/tmpfiles.d/zbroker.conf usr/share/man/man{1/zctl.1,1/zlease.1,5/zbroker.toml.5}.gz \
    usr/share/man/man{7/zbroker.7,8/zbrokerd.8}.gz usr/share/bash-completion/completions/zctl \
    usr/share/zsh/vendor-completions/_zctl usr/share/fish/vendor_completions.d/zctl.fish \
    usr/share/zbroker/{config,zctl}.schema.json \
    usr/share/doc/zbroker/{config.example.toml,copyright,changelog.gz}; do
    expect_in "$list" "./$path"
  done
  list=$(dpkg-deb -c "$(deb libzbroker-dev)")
  for path in broker_client.h libzbroker.a zbrokerConfig.cmake zbroker.pc v1/broker.proto; do
    expect_in "$list" "/$path"
  done
  list=$(dpkg-deb -f "$(deb zbroker)" Depends)
  expect_in "$list" "libc6 (>= "
  expect_in "$list" "libcurl4 (>= "
  expect_not_in "$list" "-dev"
}

test_programs_are_stripped_and_their_symbols_are_beside() {
  local id
  unpack
  dpkg-deb -x "$(deb zbroker-dbgsym)" symbols
  expect_not_in "$(readelf -S root/usr/bin/zbrokerd)" .debug_info
  id=$(readelf -n root/usr/bin/zbrokerd | sed -n 's/ *Build ID: //p')
  expect_in "$(readelf -S "symbols/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug")" .debug_info
}

test_an_option_that_is_wrong_is_status_2() {
  local wrong
  for wrong in --nonsense --from "--version ..x" "--jobs 0" "--compress lzma"; do
    # shellcheck disable=SC2086
    expect_status 2 "$source_dir/packaging/package.sh" $wrong
    expect_in "$output" "Usage: package.sh"
  done
}

test_the_example_in_cpp_leases_a_slot() {
  unpack
  local examples=root/usr/share/doc/libzbroker-dev/examples
  # CMake finds the package as it would below /usr.
  cmake -S "$examples" -B example -G Ninja -DCMAKE_PREFIX_PATH="$PWD/root/usr" \
    -DCMAKE_LIBRARY_ARCHITECTURE="$(dpkg-architecture -qDEB_HOST_MULTIARCH)" >/dev/null
  cmake --build example >/dev/null
  expect_in "$(example/lease)" "lease 1 after "
  expect_in "$(zctl ledger --csv)" lease.cc
}

test_pkg_config_knows_the_library() {
  skip_without pkg-config && return
  unpack
  local flags
  flags=$(PKG_CONFIG_PATH=$(dirname "$(find root -name zbroker.pc)") \
    pkg-config --cflags --libs zbroker)
  expect_in "$flags" "-lzbroker "
  [[ $flags =~ -I([^ ]*/include/zbroker) ]]
  [[ -e ${BASH_REMATCH[1]}/client/broker/broker_client.h ]]
}

test_the_example_in_python_leases_a_slot() {
  if ! /usr/bin/python3 -c 'import grpc' 2>/dev/null; then
    printf 'skipped: there is no python3-grpcio\n'
    return
  fi
  unpack
  # What the example says to do once.
  protoc -I root/usr/share/zbroker/proto --python_out=. --grpc_python_out=. \
    --plugin=protoc-gen-grpc_python="$(type -P grpc_python_plugin)" zbroker/v1/{types,broker}.proto
  zlease -- true
  expect_in "$(PYTHONPATH=. /usr/bin/python3 \
    root/usr/share/doc/libzbroker-dev/examples/lease.py)" "lease 2 of account default"
  expect_in "$(zctl ledger --csv)" python3
}

test_the_example_in_shell_leases_a_slot() {
  skip_without grpcurl && return
  skip_without jq && return
  unpack
  zlease -- true
  expect_in "$(sh root/usr/share/doc/libzbroker-dev/examples/lease.sh)" "lease 2"
}

package --out "$shared/debs" >/dev/null
run_tests
