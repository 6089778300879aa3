"""LLM calls as programs tell of them: our own payload, OpenTelemetry, LiteLLM."""
