SELECT calendar.refresh_statistics() AS tables
