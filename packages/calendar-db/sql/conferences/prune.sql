SELECT conferences, lines FROM calendar.prune_conferences(make_interval(days => $1::integer), $2::integer)
