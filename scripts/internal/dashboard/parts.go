package dashboard

// scheduler is the delayed topic.
func scheduler() Dashboard {
	return Dashboard{Name: "scheduler", Title: "Scheduler", About: "Timers: do they fire on time, and who owns them?", Rows: []Row{
		{"Firing", []Panel{
			{Title: "Fired", Unit: "short", About: "A second.", Ask: []Query{{`sum(rate(tickler_timers_fired_total[$__rate_interval]))`, "fired"}}},
			{Title: "Lateness", Unit: "s", About: "From due to committed; never early.", Rare: "a timer fires", Ask: quantiles("tickler_timer_lateness_seconds|", "", "")},
			{Title: "Overdue", Unit: "short", About: "By 5 s or more.", Ask: []Query{{`sum(tickler_timers_overdue)`, "overdue"}}},
			{Title: "Pending", Unit: "short", About: "By partition.", Ask: []Query{{`sum by (partition) (tickler_timers_pending)`, "{{partition}}"}}},
			{Title: "Commands", Unit: "short", About: "A second, by what became of them.", Ask: []Query{{`sum by (result) (rate(tickler_timers_commands_total[$__rate_interval]))`, "{{result}}"}}},
			{Title: "Transaction", Unit: "s", About: "The broker's share of lateness.", Ask: quantiles("tickler_timers_transaction_seconds|", "", "")},
		}},
		{"Owning", []Panel{
			{Title: "Partitions owned", Unit: "short", About: "All of them, over the replicas.", Ask: []Query{{`count by (instance) (tickler_timers_pending)`, "{{instance}}"}}},
			{Title: "Taken over and lost", Unit: "short", About: "Restores, fences, and commands that may be lost.", Ask: []Query{
				{`sum(increase(tickler_timers_restores_total[$__rate_interval]))`, "restored"}, {`sum(increase(tickler_timers_fences_total[$__rate_interval]))`, "fenced"},
				{`sum(increase(tickler_timers_resyncs_wanted_total[$__rate_interval]))`, "resync wanted"}}},
			{Title: "Bodies in memory", Unit: "bytes", About: "Of what is soon to be delivered; bounded by TIMER_MEMORY.", Ask: []Query{{`sum by (instance) (tickler_timers_body_bytes)`, "{{instance}}"}}},
			{Title: "Restore", Unit: "s", About: "From the claim of a partition to its timers in memory, on the average.", Ask: []Query{{`sum(tickler_timers_restore_seconds_sum) / sum(tickler_timers_restore_seconds_count)`, "restore"}}},
			{Title: "Transactions", Unit: "short", About: "A second.", Ask: []Query{{`sum(rate(tickler_timers_transactions_total[$__rate_interval]))`, "transactions"}}},
		}},
	}}
}

// realtime is the live feed.
func realtime() Dashboard {
	return Dashboard{Name: "realtime", Title: "Realtime", About: "Open pages: who is there, what do they hear, and how late?", Rows: []Row{
		{"Connections", []Panel{
			{Title: "Open", Unit: "short", About: "By instance.", Ask: []Query{{`sum by (instance) (tickler_ws_connections)`, "{{instance}}"}}},
			{Title: "Attempts", Unit: "short", About: "A second, by how they went.", Ask: []Query{{`sum by (result) (rate(tickler_ws_connects_total[$__rate_interval]))`, "{{result}}"}}},
			{Title: "Closed", Unit: "short", About: "By code: 4401 token or session ended, 4408 too slow, 4429 too many.", Ask: []Query{{`sum by (code) (rate(tickler_ws_disconnects_total[$__rate_interval]))`, "{{code}}"}}},
			{Title: "Handed through by web", Unit: "short", About: "Where /ws does not go straight to realtime.", Ask: []Query{{`sum(tickler_sockets_open)`, "sockets"}}},
		}},
		{"Frames", []Panel{
			{Title: "Written", Unit: "short", About: "A second.", Ask: []Query{{`sum by (instance) (rate(tickler_ws_messages_sent_total[$__rate_interval]))`, "{{instance}}"}}},
			{Title: "From change to frame", Unit: "s", About: "Points are traces.", Ask: quantiles("tickler_ws_e2e_latency_seconds|", "", "")},
			{Title: "Sent away for being slow", Unit: "short", About: "They come back with their cursor.", Rare: "one is", Ask: []Query{{`sum by (reason) (rate(tickler_ws_messages_dropped_total[$__rate_interval]))`, "{{reason}}"}}},
			{Title: "Told to sync", Unit: "short", About: "Each costs api a query.", Ask: []Query{{`sum(rate(tickler_ws_resyncs_total[$__rate_interval]))`, "resyncs"}}},
			{Title: "Reading behind", Unit: "short", About: "Records that an instance has not read yet; 1 a partition is nothing.", Ask: []Query{{`sum by (instance, topic) (tickler_consumer_lag_records{group="broadcast"})`, "{{instance}} {{topic}}"}}},
		}},
	}}
}

// stores are PostgreSQL and Kafka, as services see them.
func stores() Dashboard {
	const redpanda = "Redpanda is the broker and Prometheus asks it"
	return Dashboard{Name: "stores", Title: "PostgreSQL and Kafka", About: "What services stand on, as they see it.", Rows: []Row{
		{"PostgreSQL", []Panel{
			{Title: "Connections in use", Unit: "percentunit", About: "Of those that a pool may open, by role.", Ask: []Query{{`max by (job, db_name) (go_sql_in_use_connections{job=~"$job"} / go_sql_max_open_connections{job=~"$job"})`, "{{job}} {{db_name}}"}}},
			{Title: "Waiting for a connection", Unit: "s", About: "Seconds of waiting a second.", Ask: []Query{{`sum by (job, db_name) (rate(go_sql_wait_duration_seconds_total{job=~"$job"}[$__rate_interval]))`, "{{job}} {{db_name}}"}}},
			{Title: "Connections open", Unit: "short", About: "Together below max_connections.", Ask: []Query{{`sum by (job, db_name) (go_sql_open_connections{job=~"$job"})`, "{{job}} {{db_name}}"}}},
			{Title: "Oldest transaction", Unit: "s", About: "Of the whole cluster.", Ask: []Query{{`max(tickler_postgres_oldest_transaction_seconds)`, "age"}}},
		}},
		{"Kafka, from the clients", []Panel{
			{Title: "Read and written", Unit: "Bps", About: "On the wire.", Ask: []Query{
				{`sum by (job) (rate(tickler_kafka_read_bytes_total{job=~"$job"}[$__rate_interval]))`, "{{job}} read"}, {`sum by (job) (rate(tickler_kafka_write_bytes_total{job=~"$job"}[$__rate_interval]))`, "{{job}} written"}}},
			{Title: "Records produced", Unit: "short", About: "A second, by topic.", Ask: []Query{{`sum by (job, topic) (rate(tickler_kafka_produce_records_total{job=~"$job"}[$__rate_interval]))`, "{{job}} {{topic}}"}}},
			{Title: "Records fetched", Unit: "short", About: "A second, by topic.", Ask: []Query{{`sum by (job, topic) (rate(tickler_kafka_fetch_records_total{job=~"$job"}[$__rate_interval]))`, "{{job}} {{topic}}"}}},
			{Title: "Records in clients", Unit: "short", About: "Fetched and not handled, or not yet sent.", Ask: []Query{
				{`sum by (job) (tickler_kafka_buffered_fetch_records{job=~"$job"})`, "{{job}} fetched"}, {`sum by (job) (tickler_kafka_buffered_produce_records{job=~"$job"})`, "{{job}} to send"}}},
			{Title: "Connections", Unit: "short", About: "Made and lost a second, and refused.", Ask: []Query{
				{`sum by (job) (rate(tickler_kafka_connects_total{job=~"$job"}[$__rate_interval]))`, "{{job}} made"}, {`sum by (job) (rate(tickler_kafka_disconnects_total{job=~"$job"}[$__rate_interval]))`, "{{job}} lost"}}},
			{Title: "Connections that failed", Unit: "short", About: "A second.", Rare: "one does", Ask: []Query{{`sum by (job) (rate(tickler_kafka_connect_errors_total{job=~"$job"}[$__rate_interval]))`, "{{job}}"}}},
			{Title: "Clients", Unit: "short", About: "Open ones.", Ask: []Query{{`sum by (job) (tickler_kafka_clients{job=~"$job"})`, "{{job}}"}}},
		}},
		{"Redpanda", []Panel{
			{Title: "Partitions without a leader", Unit: "short", About: "0.", Rare: redpanda, Ask: []Query{{`max(redpanda_cluster_unavailable_partitions)`, "unavailable"}}},
			{Title: "Disk left", Unit: "percentunit", About: "Below a tenth wakes somebody.", Rare: redpanda, Ask: []Query{{`min(redpanda_storage_disk_free_bytes / redpanda_storage_disk_total_bytes)`, "free"}}},
		}},
	}}
}
