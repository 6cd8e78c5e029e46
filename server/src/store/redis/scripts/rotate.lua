-- ARGV: as for a commit, then the new key, the nonce (empty: no alias), the most aliases. Answers as a commit does,
-- and 0 where the new key is taken.
local key, record, to, nonce, most = ARGV[3], ARGV[4], ARGV[8], ARGV[9], tonumber(ARGV[10])
local before = live(key)
if not before then
  return false
end
if key == to or is_taken(to) then
  return 0
end
if not is(before, ARGV[5]) then
  return redis.call('GET', session_key(key))
end
local deadline, seen_at = put(to, record, before, ARGV[6] == '1', nonce ~= '')
redis.call('DEL', session_key(key))
if before.user then
  unindex(before.user, key)
end
if nonce == '' then
  cut_off(before.handle)
  -- For a while, servers that watch the session find it by its handle.
  redis.call('HSET', lineage_key(before.handle), 'c', to)
  expire(lineage_key(before.handle), math.min(deadline, now + 600000))
else
  local lineage = lineage_key(before.handle)
  local number = redis.call('HINCRBY', lineage, 'n', 1)
  redis.call('HSET', lineage, 'c', to, key, struct.pack(PAST, number, NEVER, nonce))
  redis.call('SET', session_key(key), 'A' .. before.handle)
  local absolute = parse(record).absolute
  expire(session_key(key), absolute)
  expire(lineage, absolute)
  if redis.call('HLEN', lineage) > most + 2 then
    for _, alias in ipairs(aliases(before.handle)) do
      if alias.number <= number - most then
        redis.call('DEL', session_key(alias.key))
        redis.call('HDEL', lineage, alias.key)
      end
    end
  end
end
return { deadline, seen_at }
