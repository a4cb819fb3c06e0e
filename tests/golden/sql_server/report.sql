SELECT (DATEDIFF_BIG(second, '1970-01-01', conversations.began) / 900) AS [key], count(*) AS offered, sum(CASE WHEN (conversations.result = ?) THEN 1 ELSE 0 END) AS answered, sum(CASE WHEN (conversations.result = ?) THEN 1 ELSE 0 END) AS abandoned, sum(CASE WHEN (conversations.result = ? AND conversations.waiting_us + conversations.queued_us <= ?) THEN 1 ELSE 0 END) AS answered_within, sum(CASE WHEN (conversations.result = ? AND conversations.waiting_us + conversations.queued_us <= ?) THEN 1 ELSE 0 END) AS abandoned_within, sum(CASE WHEN (conversations.result = ?) THEN conversations.waiting_us + conversations.queued_us ELSE 0 END) AS wait_us, max(conversations.waiting_us + conversations.queued_us) AS longest_wait_us, sum(conversations.talking_us) AS talking_us
FROM conversations
WHERE conversations.began >= ? AND conversations.began < ? AND conversations.result != ? AND conversations.direction = ? GROUP BY (DATEDIFF_BIG(second, '1970-01-01', conversations.began) / 900);

SELECT (DATEDIFF_BIG(second, '1970-01-01', legs.began) / 900) AS [key], sum(legs.wrap_up_us) AS wrap_up_us
FROM legs
WHERE legs.began >= ? AND legs.began < ? AND legs.wrap_up_us > ? GROUP BY (DATEDIFF_BIG(second, '1970-01-01', legs.began) / 900);

SELECT queue_visits.queue AS [key], count(*) AS offered, sum(CASE WHEN (queue_visits.outcome = ?) THEN 1 ELSE 0 END) AS answered, sum(CASE WHEN (queue_visits.outcome = ?) THEN 1 ELSE 0 END) AS abandoned, sum(CASE WHEN (queue_visits.outcome = ? AND DATEDIFF_BIG(microsecond, queue_visits.entered, queue_visits.[left]) <= ?) THEN 1 ELSE 0 END) AS answered_within, sum(CASE WHEN (queue_visits.outcome = ? AND DATEDIFF_BIG(microsecond, queue_visits.entered, queue_visits.[left]) <= ?) THEN 1 ELSE 0 END) AS abandoned_within, sum(CASE WHEN (queue_visits.outcome = ?) THEN DATEDIFF_BIG(microsecond, queue_visits.entered, queue_visits.[left]) ELSE 0 END) AS wait_us, max(DATEDIFF_BIG(microsecond, queue_visits.entered, queue_visits.[left])) AS longest_wait_us, sum(0) AS talking_us
FROM queue_visits
WHERE queue_visits.entered >= ? AND queue_visits.entered < ? GROUP BY queue_visits.queue;

SELECT queue_visits.queue AS [key], sum(legs.talking_us) AS sum_1
FROM queue_visits JOIN legs ON legs.conversation_id = queue_visits.conversation_id AND legs.device = queue_visits.device
WHERE queue_visits.entered >= ? AND queue_visits.entered < ? AND queue_visits.outcome = ? GROUP BY queue_visits.queue;

SELECT CASE WHEN (legs.agent != '') THEN legs.agent ELSE legs.device END AS [key], count(*) AS offered, sum(CASE WHEN (legs.answered IS NOT NULL) THEN 1 ELSE 0 END) AS answered, sum(0) AS abandoned, sum(CASE WHEN (legs.answered IS NOT NULL AND legs.ringing_us <= ?) THEN 1 ELSE 0 END) AS answered_within, sum(0) AS abandoned_within, sum(CASE WHEN (legs.answered IS NOT NULL) THEN legs.ringing_us ELSE 0 END) AS wait_us, max(legs.ringing_us) AS longest_wait_us, sum(legs.talking_us) AS talking_us, sum(legs.wrap_up_us) AS wrap_up_us
FROM legs
WHERE legs.began >= ? AND legs.began < ? AND legs.inside = 1 AND legs.ringing_us > ? AND legs.role != ? AND legs.role != ? AND legs.role != ? GROUP BY CASE WHEN (legs.agent != '') THEN legs.agent ELSE legs.device END;

SELECT agent_periods.agent AS [key], agent_periods.state, sum(DATEDIFF_BIG(microsecond, CASE WHEN agent_periods.began > ? THEN agent_periods.began ELSE ? END, CASE WHEN agent_periods.ended < ? THEN agent_periods.ended ELSE ? END)) AS spent
FROM agent_periods
WHERE agent_periods.began < ? AND agent_periods.ended > ? GROUP BY agent_periods.agent, agent_periods.state;

SELECT legs.trunk AS [key], count(*) AS offered, sum(CASE WHEN (legs.answered IS NOT NULL) THEN 1 ELSE 0 END) AS answered, sum(0) AS abandoned, sum(CASE WHEN (legs.answered IS NOT NULL AND legs.ringing_us <= ?) THEN 1 ELSE 0 END) AS answered_within, sum(0) AS abandoned_within, sum(CASE WHEN (legs.answered IS NOT NULL) THEN legs.ringing_us ELSE 0 END) AS wait_us, max(legs.ringing_us) AS longest_wait_us, sum(legs.talking_us) AS talking_us
FROM legs
WHERE legs.began >= ? AND legs.began < ? AND legs.trunk != ? GROUP BY legs.trunk;

SELECT legs.trunk AS [key], sum(DATEDIFF_BIG(microsecond, CASE WHEN legs.began > ? THEN legs.began ELSE ? END, CASE WHEN legs.ended < ? THEN legs.ended ELSE ? END)) AS spent
FROM legs
WHERE legs.began < ? AND legs.ended > ? AND legs.trunk != ? GROUP BY legs.trunk;
