SELECT calendar.prune_conferences(make_interval(days => $1::integer)) AS pruned
