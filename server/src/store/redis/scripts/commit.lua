-- ARGV: the key, the record as it shall be, the head of the record that it was made from, whether it sets the session's
-- life anew, and how long it lives if that is all there is to say of it (else empty). The deadline and the last visit that
-- it has now; or 1 where they are the record's; or the record that is there instead; or nothing.
local key, record = ARGV[3], ARGV[4]
local before = live(key)
if not before then
  return false
end
if not is(before, ARGV[5]) then
  return redis.call('GET', session_key(key))
end
local deadline, seen_at, user = put(key, record, before, ARGV[6] == '1', has(before.flags, UNCONFIRMED))
if before.user and before.user ~= user then
  unindex(before.user, key)
end
return { deadline, seen_at }
