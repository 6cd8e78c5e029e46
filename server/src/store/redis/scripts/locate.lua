-- ARGV: a key under which a session once stood, the session's handle. Where it is: the key, the record; or nothing.
local key = ARGV[3]
local h = live(key)
if not h or h.handle ~= ARGV[4] then
  key = redis.call('HGET', lineage_key(ARGV[4]), 'c')
  h = key and live(key)
end
if not h or h.handle ~= ARGV[4] then
  return false
end
return { key, redis.call('GET', session_key(key)) }
