SELECT salt FROM calendar.meta
