"""Letters: an outbox row in the business transaction, sent by the worker."""
