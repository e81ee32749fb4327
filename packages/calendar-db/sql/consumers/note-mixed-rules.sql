UPDATE calendar.consumer SET mixed_rules = true WHERE name = $1
