#!/bin/sh
# Runs every CUDA program of this pack three ways on a machine with an NVIDIA GPU: natively, through a
# pool on this host (shared memory), and through the same pool over QUIC. Nothing is installed; all
# that is left behind is this folder. Ends with 0 only if every program ended well and printed the
# same each time. A rehearsal without a GPU: RIGEL_DRIVER=soft LD_LIBRARY_PATH=$PWD/rigel/soft ./check.sh
set -u
cd "$(dirname "$0")" || exit 1
here=$PWD
shim=$(readlink -f rigel/shim/libcuda.so.1)
work=$(mktemp -d) || exit 1
export RIGEL_SOCKET="$work/rigel.sock"

cat >"$work/rigel.toml" <<TOML
[server]
socket = "$RIGEL_SOCKET"
state_dir = "$work/state"
listen = "127.0.0.1:0"
driver = "${RIGEL_DRIVER:-nvidia}"

[[lease]]
name = "pack"
token = "pack"
TOML
echo pack >"$work/token"

"$here/rigel/bin/rigel" serve --config "$work/rigel.toml" >"$work/server.log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$work"' EXIT

tries=0
until url=$(grep -o 'quic://[^ ]*fingerprint=[0-9a-f]*' "$work/server.log" | head -n 1) &&
    [ -n "$url" ] && "$here/rigel/bin/rigel" status >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 150 ] || ! kill -0 $server 2>/dev/null; then
        echo "the server does not serve:"
        cat "$work/server.log"
        exit 1
    fi
    sleep 0.2
done
"$here/rigel/bin/rigel" status

passed=0 failed=0
# run NAME OUTPUT COMMAND...: the exit status, with what went wrong in OUTPUT.err.
run() {
    output=$1
    shift
    timeout 120 "$@" >"$output" 2>"$output.err" </dev/null
}
for program in programs/*/*; do
    [ -x "$program" ] || continue
    case $program in */scripted) continue ;; esac
    word=ok
    run "$work/native" "$program" || word="fails natively"
    for way in local "$url"; do
        [ "$word" = ok ] || break
        run "$work/pooled" "$here/rigel/bin/rigel" run --pool "$way" --token-file "$work/token" \
            -- "$program" || word="fails through $way"
        [ "$word" = ok ] || break
        cmp -s "$work/native" "$work/pooled" || word="differs through $way"
        attested=$(sed -n 's/^attest: //p' "$work/pooled.err")
        [ "$(readlink -f "$attested")" = "$shim" ] || word="used $attested"
    done
    printf '%-40s %s\n' "$program" "$word"
    if [ "$word" = ok ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        cat "$work/native.err" "$work/pooled.err" 2>/dev/null | tail -n 5
        [ -f "$work/pooled" ] && diff "$work/native" "$work/pooled" | head -n 10
    fi
    rm -f "$work/native" "$work/native.err" "$work/pooled" "$work/pooled.err"
done
[ $failed -eq 0 ] || tail -n 40 "$work/server.log"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
