"""Who caused a call: hashed users, tenants, service accounts."""
