#!/usr/bin/env bash
# Answers a second of one core: this server, gdnsd, PowerDNS and Knot, side by side.
#
#   bench/dns/run.sh [ROUNDS] [SECONDS] [COUNTRY.mmdb]        default: 7 rounds of 3 seconds, examples/geo/country.mmdb
#
# Every server has core 0 and one thread for UDP, dnsperf core 1. Rounds are interleaved: each round asks each server in turn,
# so that what else the machine does hits all alike. Printed are medians over the rounds: answers a second; answers for a second
# of the server's CPU time (also when it is dnsperf or the rest of the machine that is short of time); and the medians of each
# round's ratio of that to the first server of the case.
#
#   geo           20,000 queries, each with a client subnet (/24) of its own, for a name that is steered by country
#   plain         the same name without client subnet. Knot has an ordinary record: Debian's is built without its geoip module
#   plain-signed  the same with DO, signed answers (ours and Knot; gdnsd does not sign)
#   geo-signed    client subnet and DO (ours alone)
#
# Needs two cores, and the Debian packages dnsperf, gdnsd, knot, pdns-server and pdns-backend-geoip.
set -eu
cd "$(dirname "$0")/../.."
rounds="${1:-7}" seconds="${2:-3}" database="$(realpath "${3:-examples/geo/country.mmdb}")"
export PATH="$PATH:/usr/sbin"
for program in dnsperf gdnsd knotd pdns_server dig dotnet taskset; do
  command -v "$program" >/dev/null || { echo "$program is missing: apt-get install dnsperf gdnsd knot pdns-server pdns-backend-geoip bind9-dnsutils"; exit 2; }
done
work="$(mktemp -d)"
pids=()
finish() { status=$?; kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; [ $status = 0 ] || tail -n 20 "$work"/*.log; rm -rf "$work"; }
trap finish EXIT

ours=15301 gdnsd=15302 pdns=15303 knot=15304 ours_signed=15305 knot_signed=15306
fill() { sed -e "s#@WORK@#$work#g" -e "s#@DATABASE@#$database#g" -e "s#@PORT@#$2#g" -e "s#@SIGNING@#${3:-off}#g" "bench/dns/$1"; }
zone() { cat bench/dns/zone; printf '%s\n' "$1"; }

dotnet build -c Release bench/dns >"$work/build.log" || { cat "$work/build.log"; exit 1; }
serving=(dotnet artifacts/bin/DnsServing/release/OrleansCdn.Bench.DnsServing.dll)
"${serving[@]}" queries "$work/geo" subnet
"${serving[@]}" queries "$work/plain"
"${serving[@]}" queries "$work/plain-signed" do
"${serving[@]}" queries "$work/geo-signed" subnet do

mkdir -p "$work"/{gdnsd/geoip,gdnsd/zones,pdns,knot/keys,knot-signed}
cp "$database" "$work/gdnsd/geoip/country.mmdb"
fill gdnsd.conf $gdnsd >"$work/gdnsd/config"
zone 'www 60 DYNA geoip!r' >"$work/gdnsd/zones/cdn.example.net"
fill pdns.conf $pdns >"$work/pdns/pdns.conf"
fill pdns.yaml $pdns >"$work/pdns.yaml"
fill knot.conf $knot >"$work/knot.conf"
fill knot.conf $knot_signed on | sed "s#$work/knot#$work/knot-signed#" >"$work/knot-signed.conf"
zone 'www A 192.0.2.1' | tee "$work/knot/zone" >"$work/knot-signed/zone"

declare -A pid_of
start() { name="$1" port="$2"; shift 2; taskset -c 0 "$@" >"$work/$name.log" 2>&1 & pids+=($!); pid_of[$port]=$!; }
start ours $ours "${serving[@]}" serve $ours "$database"
start ours-signed $ours_signed "${serving[@]}" serve $ours_signed "$database" signed
start gdnsd $gdnsd gdnsd -c "$work/gdnsd" start
start pdns $pdns pdns_server --config-dir="$work/pdns"
start knot $knot knotd -c "$work/knot.conf"
start knot-signed $knot_signed knotd -c "$work/knot-signed.conf"

# Every server gives an address, and the signed ones a signature: a rate of errors would be no rate.
for server in $ours $gdnsd $pdns $knot $ours_signed $knot_signed; do
  for _ in $(seq 150); do
    address="$(dig @127.0.0.1 -p $server +short +tries=1 +time=1 +subnet=8.8.8.0/24 www.cdn.example.net A | head -1)" || true
    case "$address" in 192.0.2.*) break ;; esac
    sleep 0.1
  done
  case "$address" in 192.0.2.*) ;; *) echo "port $server does not answer: $address"; exit 1 ;; esac
done
for server in $ours_signed $knot_signed; do
  dig @127.0.0.1 -p $server +dnssec www.cdn.example.net A | grep -q RRSIG || { echo "port $server does not sign"; exit 1; }
done

# 200 queries at one time are what fits the receive queue that Linux gives a socket by default: with more, servers that leave it so
# lose some, and dnsperf waits seconds for those.
# A warm-up is as long as just-in-time compilation takes.
ask() { taskset -c 1 dnsperf -s 127.0.0.1 -p "$1" -B -d "$work/$2" -l "$3" -q 200 -b 4096 2>&1; }
for server in $ours $gdnsd $pdns $knot; do ask $server geo 5 >/dev/null; ask $server plain 2 >/dev/null; done
for server in $ours_signed $knot_signed; do ask $server plain-signed 5 >/dev/null; done
ask $ours_signed geo-signed 5 >/dev/null

# Ticks of CPU time that a process has had, in user and kernel (proc(5)); there are 100 in a second.
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
rate() {
  local before after
  before="$(ticks "${pid_of[$3]}")"
  ask "$3" "$1" "$seconds" >"$work/dnsperf.out"
  after="$(ticks "${pid_of[$3]}")"
  awk -v what="$1 $2" -v ticks="$((after - before))" '/Queries completed/ {done = $3} /Queries per second/ {rate = $4} /Queries lost/ {lost = $3}
    /Response codes/ {ok = /NOERROR/ && !/,/}
    END { if (!ok || !ticks) exit 1; print what, rate, lost, done * 100 / ticks }' "$work/dnsperf.out" >>"$work/rates" || { cat "$work/dnsperf.out"; exit 1; }
}
for round in $(seq "$rounds"); do
  rate geo gdnsd $gdnsd; rate geo ours $ours; rate geo pdns $pdns
  rate plain gdnsd $gdnsd; rate plain ours $ours; rate plain knot $knot
  rate plain-signed knot $knot_signed; rate plain-signed ours $ours_signed
  rate geo-signed ours $ours_signed
  echo "round $round of $rounds" >&2
done

awk '{ key = $1 " " $2; if (!(key in n)) order[++keys] = key; rate[key, ++n[key]] = $3; lost[key] += $4; cpu[key, n[key]] = $5
  if (!($1 in first)) first[$1] = key }
function median(list, size,   i, j, t) {
  for (i = 1; i <= size; i++) for (j = i + 1; j <= size; j++) if (list[j] < list[i]) { t = list[i]; list[i] = list[j]; list[j] = t }
  return size % 2 ? list[(size + 1) / 2] : (list[size / 2] + list[size / 2 + 1]) / 2
}
END {
  printf "%-14s %-8s %12s %6s %14s %8s\n", "case", "server", "answers/s", "lost", "answers/CPU s", "ratio"
  for (k = 1; k <= keys; k++) {
    key = order[k]; split(key, part, " "); size = n[key]
    for (i = 1; i <= size; i++) { rates[i] = rate[key, i]; cpus[i] = cpu[key, i]; ratios[i] = cpu[key, i] / cpu[first[part[1]], i] }
    printf "%-14s %-8s %12.0f %6d %14.0f %8.2f\n", part[1], part[2], median(rates, size), lost[key], median(cpus, size), median(ratios, size)
  }
}' "$work/rates"
kill -TERM "${pids[0]}" "${pids[1]}" && wait "${pids[0]}" "${pids[1]}" || true
sed 's/^/ours: /' "$work/ours.log"
sed 's/^/ours, signed: /' "$work/ours-signed.log"
