SELECT provider, login, fingerprint, failures, stopped_at IS NOT NULL AS stopped FROM calendar.credential WHERE failures > 0
