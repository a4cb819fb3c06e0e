SELECT TOP __[POSTCOMPILE_param_1] conversations.conversation_id, conversations.stream, conversations.direction, conversations.caller, conversations.called, conversations.trunk, conversations.first_device, conversations.first_agent, conversations.last_device, conversations.last_agent, conversations.queue, conversations.result, conversations.abandoned_where, conversations.cause, conversations.began, conversations.answered, conversations.ended, conversations.waiting_us, conversations.menu_us, conversations.queued_us, conversations.talking_us, conversations.held_us, conversations.uncertain_us, conversations.transfers, conversations.conferences, conversations.winner_id, conversations.revision, conversations.complete, conversations.missing, conversations.zone
FROM conversations
WHERE conversations.began >= :began_1 AND conversations.began < :began_2 AND conversations.queue = :queue_1 AND (conversations.caller = :caller_1 OR conversations.conversation_id IN (SELECT legs.conversation_id
FROM legs
WHERE legs.began >= :began_3 AND legs.device = :device_1)) AND conversations.conversation_id IN (SELECT legs.conversation_id
FROM legs
WHERE legs.began >= :began_3 AND legs.agent = :agent_1) AND conversations.complete = 0 AND conversations.began >= :began_4 AND (conversations.began > :began_5 OR conversations.conversation_id > :conversation_id_1) ORDER BY conversations.began, conversations.conversation_id;

SELECT TOP __[POSTCOMPILE_param_1] conversations.conversation_id, conversations.stream, conversations.direction, conversations.caller, conversations.called, conversations.trunk, conversations.first_device, conversations.first_agent, conversations.last_device, conversations.last_agent, conversations.queue, conversations.result, conversations.abandoned_where, conversations.cause, conversations.began, conversations.answered, conversations.ended, conversations.waiting_us, conversations.menu_us, conversations.queued_us, conversations.talking_us, conversations.held_us, conversations.uncertain_us, conversations.transfers, conversations.conferences, conversations.winner_id, conversations.revision, conversations.complete, conversations.missing, conversations.zone
FROM conversations
WHERE conversations.began >= :began_1 AND conversations.began < :began_2 AND conversations.queue = :queue_1 AND (conversations.caller = :caller_1 OR conversations.conversation_id IN (SELECT legs.conversation_id
FROM legs
WHERE legs.began >= :began_3 AND legs.device = :device_1)) AND conversations.conversation_id IN (SELECT legs.conversation_id
FROM legs
WHERE legs.began >= :began_3 AND legs.agent = :agent_1) AND conversations.complete = 0 AND conversations.began <= :began_4 AND (conversations.began < :began_5 OR conversations.conversation_id < :conversation_id_1) ORDER BY conversations.began DESC, conversations.conversation_id DESC;
