#!/bin/sh
# A request under a lease, with grpcurl (github.com/fullstorydev/grpcurl) and jq. The daemon describes its
# protocol itself. `zlease -- CMD` does all this and more.
set -eu
socket=${ZBROKER_SOCKET:-$HOME/.local/state/zbroker/broker.sock}

call() { grpcurl -plaintext -unix -d "$2" "$socket" "zbroker.v1.Broker/$1"; }

# Waits for its turn; lives for a minute, unless `call Renew` prolongs it.
id=$(call Acquire '{"acquire": {"model": "glm-4.7"}, "ttl": "60s"}' | jq -r .leaseId)
trap 'call Release "{\"lease_id\": $id, \"outcome\": \"OUTCOME_OK\"}" >/dev/null' EXIT
echo "lease $id"
# … the request to the provider …
