UPDATE calendar.mailbox SET removal_confirmed = true WHERE delisted_at IS NOT NULL AND NOT removal_confirmed RETURNING address
