-- ARGV: an alias. Where it leads: the key, the record, when the alias ends, and the nonce of the last one while its
-- successor has not been seen.
local key = ARGV[3]
local _, handle = head(key)
if not handle then
  return false
end
local current, number = unpack(redis.call('HMGET', lineage_key(handle), 'c', 'n'))
local past = redis.call('HGET', lineage_key(handle), key)
local h = current and live(current)
if not h or not past then
  return false
end
local alias, retire_at, nonce = struct.unpack(PAST, past)
if alias ~= tonumber(number) or not has(h.flags, UNCONFIRMED) then
  nonce = ''
end
return { current, redis.call('GET', session_key(current)), string.format('%.0f', retire_at), nonce }
