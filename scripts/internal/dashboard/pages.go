package dashboard

// overview is where one looks first.
func overview() Dashboard {
	return Dashboard{Name: "overview", Title: "Overview", About: "Are promises kept, is everything there, and what changed?", Rows: []Row{
		{"Promises", []Panel{
			{Title: "Bad share of the last hour", Unit: "percentunit", About: "By objective and service; docs/operations/objectives.md has what is allowed.",
				Ask: []Query{{`tickler:slo_errors:ratio1h{job=~"$job"}`, "{{slo}} {{job}}"}}},
			{Title: "Speed at which budgets go", Unit: "short", About: "1 is a month's budget in a month; 14.4 wakes somebody.",
				Ask: []Query{{`tickler:slo_errors:ratio1h{job=~"$job"} / on (slo) group_left () tickler:slo_budget`, "{{slo}} {{job}}"}}},
			{Title: "Budget used in three days", Unit: "percentunit", About: "A tenth of a month: 10 % is what it may be.",
				Ask: []Query{{`tickler:slo_errors:ratio3d{job=~"$job"} / on (slo) group_left () tickler:slo_budget / 10`, "{{slo}} {{job}}"}}},
			{Title: "Alerts", Unit: "short", About: "Those that fire; Watchdog always does.", Ask: []Query{{`count by (alertname, severity) (ALERTS{alertstate="firing"})`, "{{alertname}} {{severity}}"}}},
		}},
		{"Services", []Panel{
			{Title: "Replicas that answer", Unit: "short", About: "As many as were asked for.", Ask: []Query{{`sum by (job) (up{job=~"$job"})`, "{{job}}"}}},
			{Title: "Releases that run", Unit: "short", About: "Two of one service for long is a rollout that does not end.", Ask: []Query{{`count by (job, version) (tickler_build_info{job=~"$job"})`, "{{job}} {{version}}"}}},
			{Title: "Requests", Unit: "reqps", About: "All that was answered.", Ask: []Query{{`sum by (job) (rate(tickler_http_request_seconds_count{job=~"$job"}[$__rate_interval]))`, "{{job}}"}}},
			{Title: "Failures of ours", Unit: "reqps", About: "5xx.", Rare: "something fails",
				Ask: []Query{{`sum by (job, status) (rate(tickler_http_request_seconds_count{job=~"$job",status=~"5.."}[$__rate_interval]))`, "{{job}} {{status}}"}}},
			{Title: "Memory", Unit: "bytes", About: "Resident.", Ask: []Query{{`sum by (job) (process_resident_memory_bytes{job=~"$job"})`, "{{job}}"}}},
			{Title: "Processors", Unit: "short", About: "Cores in use.", Ask: []Query{{`sum by (job) (rate(process_cpu_seconds_total{job=~"$job"}[$__rate_interval]))`, "{{job}}"}}},
		}},
	}}
}

// services is RED and USE of everything that answers HTTP.
func services() Dashboard {
	return Dashboard{Name: "services", Title: "HTTP services", About: "Rate, errors and duration of what is asked; use and saturation of what answers.", Rows: []Row{
		{"Asked of it", []Panel{
			{Title: "Requests by route", Unit: "reqps", About: "A route is its pattern.", Ask: []Query{{`sum by (job, method, route) (rate(tickler_http_request_seconds_count{job=~"$job"}[$__rate_interval]))`, "{{job}} {{method}} {{route}}"}}},
			{Title: "Answers by status", Unit: "reqps", About: "4xx are clients' mistakes, 429 limits at work.", Ask: []Query{{`sum by (job, status) (rate(tickler_http_request_seconds_count{job=~"$job"}[$__rate_interval]))`, "{{job}} {{status}}"}}},
			{Title: "Duration", Unit: "s", About: "Points are traces.", Ask: quantiles(`tickler_http_request_seconds|{job=~"$job"}`, "job", "{{job}}")},
			{Title: "Slowest routes", Unit: "s", About: "p99 of the ten slowest.", Ask: []Query{{`topk(10, histogram_quantile(0.99, sum by (job, method, route, le) (rate(tickler_http_request_seconds_bucket{job=~"$job"}[$__rate_interval]))))`, "{{job}} {{method}} {{route}}"}}},
			{Title: "In flight", Unit: "short", About: "Growing without end: something behind it hangs.", Ask: []Query{{`sum by (job) (tickler_http_requests_in_flight{job=~"$job"})`, "{{job}}"}}},
			{Title: "Sign-ins", Unit: "reqps", About: "By kind and result.", Ask: []Query{{`sum by (kind, result) (rate(tickler_auth_attempts_total[$__rate_interval]))`, "{{kind}} {{result}}"}}},
		}},
		{"Asked by it", []Panel{
			{Title: "Calls", Unit: "reqps", About: "To other services and to providers, by how they went.", Ask: []Query{{`sum by (job, target, result) (rate(tickler_call_seconds_count{job=~"$job"}[$__rate_interval]))`, "{{job}} to {{target}} {{result}}"}}},
			{Title: "Duration of calls", Unit: "s", About: "With their retries.", Ask: quantiles(`tickler_call_seconds|{job=~"$job"}`, "job, target", "{{job}} to {{target}}")},
			{Title: "Breakers", Unit: "short", About: "0 closed, 1 half open, 2 open.", Ask: []Query{{`max by (job, target) (tickler_breaker_state{job=~"$job"})`, "{{job}} to {{target}}"}}},
			{Title: "Tools", Unit: "reqps", About: "What agents ask of mcp, by what it ended with.", Rare: "an agent calls one", Ask: []Query{{`sum by (tool, status) (rate(tickler_mcp_calls_total[$__rate_interval]))`, "{{tool}} {{status}}"}}},
			{Title: "Turns of the chat", Unit: "s", About: "By what became of them; a model's time is its own.", Rare: "somebody chats", Ask: quantiles("tickler_chat_turn_seconds|", "status", "{{status}}")},
			{Title: "Password hashes", Unit: "s", About: "Processor time of sign-in.", Ask: quantiles("tickler_auth_password_hash_seconds|", "", "")},
			{Title: "Age of the signing key", Unit: "s", About: "Replaced after 90 days.", Ask: []Query{{`max(tickler_auth_key_age_seconds)`, "age"}}},
		}},
		{"The process", []Panel{
			{Title: "Goroutines", Unit: "short", About: "Growing without end is a leak.", Ask: []Query{{`sum by (job) (go_goroutines{job=~"$job"})`, "{{job}}"}}},
			{Title: "Heap", Unit: "bytes", About: "In use.", Ask: []Query{{`sum by (job) (go_memstats_heap_inuse_bytes{job=~"$job"})`, "{{job}}"}}},
			{Title: "Waiting for a processor", Unit: "s", About: "Above some milliseconds: too few cores.", Ask: []Query{{`histogram_quantile(0.99, sum by (job, le) (rate(go_sched_latencies_seconds_bucket{job=~"$job"}[$__rate_interval])))`, "p99 {{job}}"}}},
			{Title: "Open files", Unit: "percentunit", About: "Sockets count.", Ask: []Query{{`max by (job) (process_open_fds{job=~"$job"} / process_max_fds{job=~"$job"})`, "{{job}}"}}},
			{Title: "Series", Unit: "short", About: "At most 3,000 a service.", Ask: []Query{{`max by (job) (scrape_samples_post_metric_relabeling{job=~"$job"})`, "{{job}}"}}},
			{Title: "Scrapes", Unit: "s", About: "At most 50 ms.", Ask: []Query{{`max by (job) (scrape_duration_seconds{job=~"$job"})`, "{{job}}"}}},
		}},
	}}
}

// events follows a change from its request to where it is seen.
func events() Dashboard {
	return Dashboard{Name: "events", Title: "Events end to end", About: "From the request through outbox and log to trail, page and person: where is it late?", Rows: []Row{
		{"Hop by hop", []Panel{
			{Title: "Written: requests that change", Unit: "s", About: "The first hop: a commit.", Ask: quantiles(`tickler_http_request_seconds|{job="api",method=~"POST|PATCH|DELETE"}`, "", "")},
			{Title: "Sent: row to log", Unit: "s", About: "The relay.", Ask: quantiles("tickler_outbox_publish_seconds|", "job", "{{job}}")},
			{Title: "Had its effect: event to group", Unit: "s", About: "From when it happened; broadcast is the feed's reading.", Ask: quantiles("tickler_consumer_latency_seconds|", "group", "{{group}}")},
			{Title: "Seen: event to open page", Unit: "s", About: "The whole way.", Ask: quantiles("tickler_ws_e2e_latency_seconds|", "", "")},
		}},
		{"Outbox", []Panel{
			{Title: "Oldest unsent event", Unit: "s", About: "Over a minute wakes somebody.", Ask: []Query{{`max by (job) (tickler_outbox_unsent_age_seconds)`, "{{job}}"}}},
			{Title: "Sent", Unit: "short", About: "Events a second.", Ask: []Query{{`sum by (job) (rate(tickler_outbox_sent_total[$__rate_interval]))`, "{{job}}"}}},
			{Title: "Events in a transaction", Unit: "short", About: "Large ones mean that it catches up.", Ask: []Query{{`sum by (job) (rate(tickler_outbox_batch_events_sum[$__rate_interval])) / sum by (job) (rate(tickler_outbox_batch_events_count[$__rate_interval]))`, "{{job}}"}}},
			{Title: "Shards held", Unit: "short", About: "Eight a service, over its replicas.", Ask: []Query{{`sum by (job) (tickler_outbox_shards_held)`, "{{job}}"}}},
			{Title: "Relays that began anew", Unit: "short", About: "After a failure; some at a broker's restart.", Ask: []Query{{`sum by (job) (rate(tickler_outbox_failures_total[$__rate_interval]))`, "{{job}}"}}},
			{Title: "Oldest transaction of the cluster", Unit: "s", About: "Holds every outbox back.", Ask: []Query{{`max(tickler_postgres_oldest_transaction_seconds)`, "age"}}},
		}},
		{"To people", []Panel{
			{Title: "Deliveries", Unit: "short", About: "Attempts a second by channel and what became of them.", Rare: "somebody is sent mail, a message or a webhook", Ask: []Query{{`sum by (channel, result) (rate(tickler_deliveries_total[$__rate_interval]))`, "{{channel}} {{result}}"}}},
			{Title: "Letters of identity", Unit: "short", About: "Sign-up, reset, change of address.", Rare: "somebody is owed one", Ask: []Query{{`sum by (kind, result) (rate(tickler_auth_letters_total[$__rate_interval]))`, "{{kind}} {{result}}"}}},
			{Title: "Next occurrences", Unit: "short", About: "Asked for by recurring.", Ask: []Query{{`sum(rate(tickler_recurring_commands_total[$__rate_interval]))`, "commands"}}},
		}},
	}}
}

// consumers are the groups that have effects.
func consumers() Dashboard {
	return Dashboard{Name: "consumers", Title: "Consumers", About: "Groups: do they keep up, and what could they not handle?", Rows: []Row{
		{"Keeping up", []Panel{
			{Title: "Records", Unit: "short", About: "A second, by what became of them.", Ask: []Query{{`sum by (group, topic, result) (rate(tickler_consumer_records_total{job=~"$job"}[$__rate_interval]))`, "{{group}} {{topic}} {{result}}"}}},
			{Title: "Behind, in records", Unit: "short", About: "1 is nothing: a transaction's end counts.", Ask: []Query{{`sum by (group, topic) (tickler_consumer_lag_records{job=~"$job"})`, "{{group}} {{topic}}"}}},
			{Title: "Behind, in seconds", Unit: "s", About: "Age of the last record when it was applied, or of the one that waits.", Ask: []Query{{`max by (group, topic) (tickler_consumer_lag_seconds{job=~"$job"})`, "{{group}} {{topic}}"}}},
			{Title: "From event to effect", Unit: "s", About: "What people feel. Points are traces.", Ask: quantiles(`tickler_consumer_latency_seconds|{job=~"$job"}`, "group, topic", "{{group}} {{topic}}")},
			{Title: "One effect", Unit: "s", About: "Of a batch, so of its transaction.", Ask: quantiles(`tickler_consumer_batch_duration_seconds|{job=~"$job"}`, "group", "{{group}}")},
			{Title: "Rebalances", Unit: "short", About: "Generations a second; at a rollout some.", Ask: []Query{{`sum by (group) (rate(tickler_consumer_rebalances_total{job=~"$job"}[$__rate_interval]))`, "{{group}}"}}},
		}},
		{"Not handled", []Panel{
			{Title: "Dead letters", Unit: "short", About: "That lie open; scripts/dlq shows them.", Rare: "there is one", Ask: []Query{{`max by (group, topic) (tickler_consumer_dead_letters{job=~"$job"})`, "{{group}} {{topic}}"}}},
			{Title: "Parked keys", Unit: "short", About: "People whose events wait behind one.", Rare: "there is a dead letter", Ask: []Query{{`max by (group, topic) (tickler_consumer_parked_keys{job=~"$job"})`, "{{group}} {{topic}}"}}},
		}},
	}}
}
