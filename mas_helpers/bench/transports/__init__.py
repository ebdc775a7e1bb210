"""Between the SDK and the network: replay, record, faults, streams, retries."""
