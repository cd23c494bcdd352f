#!/usr/bin/env bash
# Memory hits of nginx's proxy cache, Varnish and one edge, side by side.
#
#   bench/http/run.sh [ROUNDS] [SECONDS]        default: 5 rounds of 3 seconds
#
# Every server has core 0, the load generator core 1. Rounds are interleaved: each round asks each server in turn, so that
# what else the machine does hits all alike. Printed are medians over the rounds: requests a second, and the ratio to nginx
# and to the best of the same round. Needs two cores, and the Debian packages nginx-light, varnish, wrk and nghttp2-client.
set -eu
cd "$(dirname "$0")/../.."
rounds="${1:-5}" seconds="${2:-3}"
work="$(mktemp -d)"
chmod 755 "$work" # nginx and Varnish serve as users of their own
for program in nginx varnishd wrk h2load openssl dotnet taskset; do
  PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || { echo "$program is missing: apt-get install nginx-light varnish wrk nghttp2-client openssl"; exit 2; }
done
export PATH="$PATH:/usr/sbin"

pids=()
finish() { status=$?; kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; [ $status = 0 ] || tail -n 20 "$work"/*.log; rm -rf "$work"; }
trap finish EXIT

origin=18080 nginx=18081 varnish=18082 edge=18083 edge_admin=18084 nginx_tls=18085 edge_tls=18086
mkdir -p "$work/files" "$work/nginx" "$work/varnish" "$work/tmp"
for size in 1k:1 16k:16 100k:100 1m:1024; do
  head -c $((${size#*:} * 1024)) /dev/urandom >"$work/files/${size%:*}.bin"
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
for file in nginx.conf default.vcl edge.yaml; do
  sed -e "s#@WORK@#$work#g" -e "s#@ORIGIN@#$origin#g" -e "s#@NGINX@#$nginx#g" -e "s#@NGINX_TLS@#$nginx_tls#g" \
    -e "s#@EDGE_TLS@#$edge_tls#g" "bench/http/$file" >"$work/$file"
done

dotnet build -c Release src/Edge >"$work/build.log" || { cat "$work/build.log"; exit 1; }
taskset -c 0 nginx -e "$work/nginx/error.log" -c "$work/nginx.conf" & pids+=($!)
taskset -c 0 varnishd -F -n "$work/varnish" -a "127.0.0.1:$varnish" -f "$work/default.vcl" -s malloc,256m \
  -p thread_pools=1 -p thread_pool_min=50 >"$work/varnish.log" 2>&1 & pids+=($!)
taskset -c 0 dotnet artifacts/bin/Edge/release/OrleansCdn.Edge.dll --config "$work/edge.yaml" --pop one --standalone \
  --listen "127.0.0.1:$edge" --https "127.0.0.1:$edge_tls" --admin "127.0.0.1:$edge_admin" >"$work/edge.log" 2>&1 & pids+=($!)

port_of() { case "$1" in nginx) echo $nginx ;; varnish) echo $varnish ;; edge) echo $edge ;; esac; }
for server in nginx varnish edge; do
  for size in 1k 16k 100k 1m; do
    for _ in $(seq 100); do
      curl -s -o /dev/null "http://127.0.0.1:$(port_of $server)/$size.bin" && break
      sleep 0.1
    done
    curl -s -o /dev/null "http://127.0.0.1:$(port_of $server)/$size.bin"
  done
done
curl -sI "http://127.0.0.1:$edge/1k.bin" | grep -qi 'cache-status: one; hit' || { echo "the edge does not hit"; cat "$work/edge.log"; exit 1; }

# Just-in-time compilation is over after the first seconds: every server gets them.
for server in nginx varnish edge; do taskset -c 1 wrk -t1 -c32 -d6s "http://127.0.0.1:$(port_of $server)/1k.bin" >/dev/null; done

rate_wrk() { taskset -c 1 wrk -t1 -c"$2" -d"${seconds}s" "$1" | awk '/^Requests\/sec/ {print $2}'; }
rate_h2() { taskset -c 1 h2load -t1 -c16 -m16 -D"$seconds" "$1" 2>/dev/null | sed -n 's/.*, \([0-9.]*\) req\/s.*/\1/p'; }

echo "case server rate" >"$work/rates"
for round in $(seq "$rounds"); do
  for size in 1k 16k 100k 1m; do
    connections=32; [ "$size" = 1m ] && connections=8
    for server in nginx varnish edge; do
      echo "h1-$size $server $(rate_wrk "http://127.0.0.1:$(port_of $server)/$size.bin" $connections)" >>"$work/rates"
    done
  done
  for size in 1k 100k; do
    echo "h2-tls-$size nginx $(rate_h2 "https://localhost:$nginx_tls/$size.bin")" >>"$work/rates"
    echo "h2-tls-$size edge $(rate_h2 "https://localhost:$edge_tls/$size.bin")" >>"$work/rates"
  done
  echo "round $round of $rounds" >&2
done

awk 'NR > 1 { n[$1]; rate[$1, $2, ++count[$1, $2]] = $3; if (count[$1, $2] > rounds) rounds = count[$1, $2] }
function median(list, size,   i, j, t) {
  for (i = 1; i <= size; i++) for (j = i + 1; j <= size; j++) if (list[j] < list[i]) { t = list[i]; list[i] = list[j]; list[j] = t }
  return size % 2 ? list[(size + 1) / 2] : (list[size / 2] + list[size / 2 + 1]) / 2
}
END {
  printf "%-12s %10s %10s %10s %12s %12s\n", "case", "nginx/s", "varnish/s", "edge/s", "edge:nginx", "edge:best"
  split("h1-1k h1-16k h1-100k h1-1m h2-tls-1k h2-tls-100k", order, " ")
  for (o = 1; o <= 6; o++) {
    c = order[o]
    for (r = 1; r <= rounds; r++) {
      a[r] = rate[c, "nginx", r]; b[r] = rate[c, "varnish", r] + 0; e[r] = rate[c, "edge", r]
      best = a[r] > b[r] ? a[r] : b[r]
      x[r] = e[r] / a[r]; y[r] = e[r] / best
    }
    printf "%-12s %10.0f %10.0f %10.0f %12.2f %12.2f\n", c, median(a, rounds), median(b, rounds), median(e, rounds), median(x, rounds), median(y, rounds)
  }
}' "$work/rates"

allocated() { curl -s "http://127.0.0.1:$edge_admin/metrics" | awk '$1 == "cdn_edge_allocated_bytes_total" {print $2}'; }
before="$(allocated)"
sent="$(taskset -c 1 wrk -t1 -c32 -d"${seconds}s" "http://127.0.0.1:$edge/1k.bin" | awk '/requests in/ {print $1}')"
after="$(allocated)"
echo "allocated per 1 KiB hit over HTTP/1.1: $(((after - before) / sent)) bytes ($sent requests)"
