#!/usr/bin/python3
# A request under a lease. With python3-grpcio, protobuf-compiler and protobuf-compiler-grpc, once:
#   protoc -I /usr/share/zbroker/proto --python_out=. --grpc_python_out=. \
#     --plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin zbroker/v1/{types,broker}.proto
import os

import grpc
from zbroker.v1 import broker_pb2, broker_pb2_grpc

socket = os.environ.get("ZBROKER_SOCKET", os.path.expanduser("~/.local/state/zbroker/broker.sock"))

with grpc.insecure_channel("unix:" + socket) as channel:
    broker = broker_pb2_grpc.BrokerStub(channel)
    request = broker_pb2.UnaryAcquireRequest(acquire={"model": "glm-4.7"}, ttl={"seconds": 60})
    lease = broker.Acquire(request)  # waits for its turn
    try:
        print("lease", lease.lease_id, "of account", lease.account)
        # … the request to the provider; one that takes longer than the TTL calls Renew …
    finally:
        broker.Release(broker_pb2.ReleaseRequest(lease_id=lease.lease_id, outcome="OUTCOME_OK"))
