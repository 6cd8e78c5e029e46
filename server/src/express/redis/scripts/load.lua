-- KEYS: the session. Answers the record and the milliseconds that it lives, or nil.
local record = redis.call('GET', KEYS[1])
if not record then return false end
return {record, redis.call('PTTL', KEYS[1])}
