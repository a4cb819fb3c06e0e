SELECT TOP __[POSTCOMPILE_param_1] conversations.conversation_id, conversations.stream, conversations.direction, conversations.caller, conversations.called, conversations.trunk, conversations.first_device, conversations.first_agent, conversations.last_device, conversations.last_agent, conversations.queue, conversations.result, conversations.abandoned_where, conversations.cause, conversations.began, conversations.answered, conversations.ended, conversations.waiting_us, conversations.menu_us, conversations.queued_us, conversations.talking_us, conversations.held_us, conversations.uncertain_us, conversations.transfers, conversations.conferences, conversations.winner_id, conversations.revision, conversations.complete, conversations.missing, conversations.zone, conversations.masked
FROM conversations
WHERE conversations.began >= ? AND conversations.began < ? AND conversations.queue = ? AND (conversations.caller = ? OR conversations.conversation_id IN (SELECT legs.conversation_id
FROM legs
WHERE legs.began >= ? AND legs.device = ?)) AND conversations.conversation_id IN (SELECT legs.conversation_id
FROM legs
WHERE legs.began >= ? AND legs.agent = ?) AND conversations.complete = 0 AND conversations.began >= ? AND (conversations.began > ? OR conversations.conversation_id > ?) ORDER BY conversations.began, conversations.conversation_id;

SELECT TOP __[POSTCOMPILE_param_1] conversations.conversation_id, conversations.stream, conversations.direction, conversations.caller, conversations.called, conversations.trunk, conversations.first_device, conversations.first_agent, conversations.last_device, conversations.last_agent, conversations.queue, conversations.result, conversations.abandoned_where, conversations.cause, conversations.began, conversations.answered, conversations.ended, conversations.waiting_us, conversations.menu_us, conversations.queued_us, conversations.talking_us, conversations.held_us, conversations.uncertain_us, conversations.transfers, conversations.conferences, conversations.winner_id, conversations.revision, conversations.complete, conversations.missing, conversations.zone, conversations.masked
FROM conversations
WHERE conversations.began >= ? AND conversations.began < ? AND conversations.queue = ? AND (conversations.caller = ? OR conversations.conversation_id IN (SELECT legs.conversation_id
FROM legs
WHERE legs.began >= ? AND legs.device = ?)) AND conversations.conversation_id IN (SELECT legs.conversation_id
FROM legs
WHERE legs.began >= ? AND legs.agent = ?) AND conversations.complete = 0 AND conversations.began <= ? AND (conversations.began < ? OR conversations.conversation_id < ?) ORDER BY conversations.began DESC, conversations.conversation_id DESC;
