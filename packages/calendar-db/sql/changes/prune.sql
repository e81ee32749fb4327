SELECT calendar.prune_changes(make_interval(secs => $1 * 86400.0), $2) AS pruned
