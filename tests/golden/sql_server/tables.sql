CREATE TABLE agent_periods (
	period_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	session_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	agent NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	device NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	conversation_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	began DATETIME2(6) NOT NULL,
	ended DATETIME2(6) NOT NULL,
	revision INTEGER NOT NULL,
	complete BIT NOT NULL,
	zone NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	PRIMARY KEY (period_id)
);

CREATE INDEX ix_agent_periods_agent_began ON agent_periods (agent, began);

CREATE INDEX ix_agent_periods_began ON agent_periods (began);

CREATE INDEX ix_agent_periods_ended ON agent_periods (ended);

CREATE INDEX ix_agent_periods_session_id ON agent_periods (session_id);

CREATE TABLE agent_sessions (
	session_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	agent NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	device NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	began DATETIME2(6) NOT NULL,
	ended DATETIME2(6) NULL,
	reason NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	revision INTEGER NOT NULL,
	complete BIT NOT NULL,
	zone NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	PRIMARY KEY (session_id)
);

CREATE INDEX ix_agent_sessions_agent_began ON agent_sessions (agent, began);

CREATE TABLE conversations (
	conversation_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	stream NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	direction NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
	caller NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	called NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	trunk NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	first_device NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	first_agent NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	last_device NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	last_agent NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	queue NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	result NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
	abandoned_where NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
	cause NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	began DATETIME2(6) NOT NULL,
	answered DATETIME2(6) NULL,
	ended DATETIME2(6) NOT NULL,
	waiting_us BIGINT NOT NULL,
	menu_us BIGINT NOT NULL,
	queued_us BIGINT NOT NULL,
	talking_us BIGINT NOT NULL,
	held_us BIGINT NOT NULL,
	uncertain_us BIGINT NOT NULL,
	transfers INTEGER NOT NULL,
	conferences INTEGER NOT NULL,
	winner_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	revision INTEGER NOT NULL,
	complete BIT NOT NULL,
	missing NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	zone NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	masked NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NOT NULL DEFAULT '',
	PRIMARY KEY (conversation_id)
);

CREATE INDEX ix_conversations_began ON conversations (began);

CREATE INDEX ix_conversations_caller_began ON conversations (caller, began);

CREATE INDEX ix_conversations_last_agent_began ON conversations (last_agent, began);

CREATE INDEX ix_conversations_last_device_began ON conversations (last_device, began);

CREATE INDEX ix_conversations_masked_ended ON conversations (masked, ended);

CREATE INDEX ix_conversations_queue_began ON conversations (queue, began);

CREATE TABLE drafts (
	kind NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
	[key] NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	body NVARCHAR(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
	PRIMARY KEY (kind, [key])
);

CREATE TABLE ivr_sessions (
	session_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	conversation_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	port NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	flow NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	outcome NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	node NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	nodes INTEGER NOT NULL,
	digits NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	destination NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	reason NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	began DATETIME2(6) NOT NULL,
	ended DATETIME2(6) NOT NULL,
	revision INTEGER NOT NULL,
	complete BIT NOT NULL,
	zone NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	PRIMARY KEY (session_id)
);

CREATE INDEX ix_ivr_sessions_began ON ivr_sessions (began);

CREATE INDEX ix_ivr_sessions_conversation_id ON ivr_sessions (conversation_id);

CREATE TABLE legs (
	leg_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	conversation_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	first_call_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	last_call_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	device NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	trunk NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	inside BIT NOT NULL,
	role NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
	agent NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	began DATETIME2(6) NOT NULL,
	answered DATETIME2(6) NULL,
	ended DATETIME2(6) NOT NULL,
	dialling_us BIGINT NOT NULL,
	waiting_us BIGINT NOT NULL,
	menu_us BIGINT NOT NULL,
	queued_us BIGINT NOT NULL,
	ringing_us BIGINT NOT NULL,
	talking_us BIGINT NOT NULL,
	holding_us BIGINT NOT NULL,
	held_us BIGINT NOT NULL,
	parked_us BIGINT NOT NULL,
	alone_us BIGINT NOT NULL,
	failed_us BIGINT NOT NULL,
	uncertain_us BIGINT NOT NULL,
	wrap_up_us BIGINT NOT NULL,
	ending NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
	cause NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	ended_by NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	revision INTEGER NOT NULL,
	complete BIT NOT NULL,
	zone NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	PRIMARY KEY (leg_id)
);

CREATE INDEX ix_legs_agent_began ON legs (agent, began);

CREATE INDEX ix_legs_began ON legs (began);

CREATE INDEX ix_legs_conversation_id ON legs (conversation_id);

CREATE INDEX ix_legs_device_began ON legs (device, began);

CREATE INDEX ix_legs_ended ON legs (ended);

CREATE TABLE places (
	stream NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
	name NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	epoch BIGINT NOT NULL,
	number BIGINT NOT NULL,
	PRIMARY KEY (stream)
);

CREATE TABLE queue_visits (
	visit_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	conversation_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	source NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	queue NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	outcome NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	agent NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	device NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	entered DATETIME2(6) NOT NULL,
	[left] DATETIME2(6) NOT NULL,
	priority INTEGER NOT NULL,
	position INTEGER NOT NULL,
	offers INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	complete BIT NOT NULL,
	zone NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	PRIMARY KEY (visit_id)
);

CREATE INDEX ix_queue_visits_conversation_id ON queue_visits (conversation_id);

CREATE INDEX ix_queue_visits_entered ON queue_visits (entered);

CREATE INDEX ix_queue_visits_queue_entered ON queue_visits (queue, entered);

CREATE TABLE record_problems (
	problem_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	conversation_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	code NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	text NVARCHAR(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
	found DATETIME2(6) NOT NULL,
	zone NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	PRIMARY KEY (problem_id)
);

CREATE INDEX ix_record_problems_conversation_id ON record_problems (conversation_id);

CREATE TABLE segments (
	segment_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	conversation_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	state NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
	began DATETIME2(6) NOT NULL,
	ended DATETIME2(6) NOT NULL,
	parties NVARCHAR(max) COLLATE Latin1_General_100_BIN2 NOT NULL,
	device NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	agent NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	queue NVARCHAR(190) COLLATE Latin1_General_100_BIN2 NOT NULL,
	certain BIT NOT NULL,
	revision INTEGER NOT NULL,
	zone NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
	PRIMARY KEY (segment_id)
);

CREATE INDEX ix_segments_conversation_id ON segments (conversation_id);

CREATE TABLE webhook_outbox (
	conversation_id NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	revision INTEGER NOT NULL,
	since DATETIME2(6) NOT NULL,
	tries INTEGER NOT NULL,
	due DATETIME2(6) NOT NULL,
	PRIMARY KEY (conversation_id)
);

CREATE INDEX ix_webhook_outbox_due ON webhook_outbox (due);
