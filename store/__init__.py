"""Persistence (存储): the only package that speaks SQL, and it knows the domain alone.

PostgreSQL keeps the ledger of what was decided, read models that can be rebuilt from it, and the vault
with everything personal.
"""
