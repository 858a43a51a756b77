-- When a client last lost a scope: tokens that it got before have only the scopes that it still has. Null again once they have expired.
ALTER TABLE clients ADD COLUMN narrowed_at timestamptz;
