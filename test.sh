#!/usr/bin/env bash
# Builds everything once and runs every test suite. The last line is the sum:
#   N passed, N failed, N skipped
# The exit code is 0 only when nothing failed. Logs and results of each suite: artifacts/test-results/.
#
#   ./test.sh                 all suites
#   ./test.sh Edge Contracts  only tests/Edge.Tests and tests/Contracts.Tests
set -u
cd "$(dirname "$0")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

results="$PWD/artifacts/test-results"
# Longest that one suite may take, in seconds, before it counts as crashed.
suite_limit=1350
# Suites that run at the same time. The end-to-end suite waits more than it computes, and takes as long as all others together: it begins, and they
# run beside it, one after the other.
side_by_side=2
first=EndToEnd
# Suites with network namespaces.
as_root=(Interop)

# What the tests need beyond the .NET SDK, as command:Debian-package. Only what is missing is installed.
needs=(node:nodejs npm:npm ip:iproute2 bird:bird2 vtysh:frr gobgpd:gobgpd exabgp:exabgp gdnsd_geoip_test:gdnsd
  dig:bind9-dnsutils delv:bind9-dnsutils unbound:unbound dnsviz:dnsviz kdig:knot-dnsutils knotd:knot)
# Services among them, as package:unit. The tests start them in namespaces of their own; on the machine itself none is to run.
services=(bird2:bird frr:frr gobgpd:gobgpd exabgp:exabgp gdnsd:gdnsd knot:knot unbound:unbound)

say() { printf '%s\n' "$*"; }
give_up() { say "$*"; say "0 passed, 1 failed, 0 skipped"; exit 1; }

if ! command -v dotnet >/dev/null; then
  give_up "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0"
fi

# Where Debian has daemons, which is not on the path of everyone.
PATH="$PATH:/usr/sbin:/sbin"
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo

missing=()
for need in "${needs[@]}"; do
  command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  $sudo apt-get update -q || give_up "apt-get update failed; install by hand: ${missing[*]}"

  # Debian starts services as it installs them, unless this file says no (invoke-rc.d(8)).
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap '$sudo rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null && $sudo chmod +x "$policy"
  fi
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" \
    || give_up "could not install: ${missing[*]}"
  for service in "${services[@]}"; do
    if printf '%s\n' "${missing[@]}" | grep -qxF -- "${service%%:*}" && command -v systemctl >/dev/null; then
      $sudo systemctl disable --now "${service#*:}" >/dev/null 2>&1 || $sudo systemctl disable "${service#*:}" >/dev/null 2>&1
    fi
  done
fi

say "Building OrleansCdn.sln"
rm -rf "$results"
mkdir -p "$results"
if ! dotnet build -c Release OrleansCdn.sln >"$results/build.log" 2>&1 </dev/null; then
  grep -E 'error|warning' "$results/build.log" | sort -u | head -50
  give_up "The build failed: $results/build.log"
fi

suites=()
for project in tests/*.Tests/*.Tests.csproj; do
  name="$(basename "$project" .Tests.csproj)"
  if [ $# -eq 0 ] || printf '%s\n' "$@" | grep -qxF -- "$name"; then
    suites+=("$name")
  fi
done
if printf '%s\n' "${suites[@]}" | grep -qxF -- "$first"; then
  mapfile -t suites < <(printf '%s\n' "$first"; printf '%s\n' "${suites[@]}" | grep -vxF -- "$first")
fi
[ ${#suites[@]} -gt 0 ] || give_up "No suite is named like that: $*"

needs_root() { printf '%s\n' "${as_root[@]}" | grep -qxF -- "$1"; }

run_suite() {
  local name="$1" start code
  local root=()
  if needs_root "$name" && [ -n "$sudo" ]; then root=("$sudo" env "PATH=$PATH"); fi
  start=$SECONDS
  timeout --kill-after=30 "$suite_limit" "${root[@]}" dotnet test "tests/$name.Tests" -c Release --no-build \
    --logger "trx;LogFileName=$results/$name.trx" >"$results/$name.log" 2>&1 </dev/null
  code=$?
  printf '%s\n' "$code" >"$results/$name.code"
  say "  $name: exit code $code after $((SECONDS - start)) s"
}

say "Running ${suites[*]}"
for name in "${suites[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$side_by_side" ]; do wait -n; done
  run_suite "$name" &
done
wait

# A number of the <Counters> element of a suite's results.
counter() { sed -n 's/.*<Counters [^>]*\b'"$2"'="\([0-9]*\)".*/\1/p' "$results/$1.trx" 2>/dev/null | head -1; }

passed=0 failed=0 skipped=0
for name in "${suites[@]}"; do
  code="$(cat "$results/$name.code" 2>/dev/null || echo none)"
  total="$(counter "$name" total)" ran="$(counter "$name" executed)"
  good="$(counter "$name" passed)" bad="$(counter "$name" failed)"
  total="${total:-0}" ran="${ran:-0}" good="${good:-0}" bad="${bad:-0}"
  unfinished=$((ran - good - bad))
  passed=$((passed + good)) failed=$((failed + bad + unfinished)) skipped=$((skipped + total - ran))
  if [ "$bad" -gt 0 ] || [ "$unfinished" -gt 0 ]; then
    say ""
    say "$name: $bad failed, $unfinished unfinished ($results/$name.log)"
    grep -aE '^ *Failed ' "$results/$name.log" | head -30
    grep -aE -A 12 '^ *Failed ' "$results/$name.log" | head -200
  elif [ "$code" != 0 ] || [ "$good" -eq 0 ]; then
    # Crashed, timed out, or found no tests: that is a failure that no result file counts.
    failed=$((failed + 1))
    say ""
    say "$name: exit code $code, $good tests passed; it crashed, took over $suite_limit s, or has no tests ($results/$name.log)"
    tail -40 "$results/$name.log"
  fi
done

say ""
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
