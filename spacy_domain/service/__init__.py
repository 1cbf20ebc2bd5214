"""The REST API and its page: finds entities with an installed pipeline. Imports no other room."""
