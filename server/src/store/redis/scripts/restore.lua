-- ARGV: a key, the record, 1 where the key has not been seen, then each alias with its end and its nonce, the oldest
-- first. 1, or 0 where a key is taken.
local key, record = ARGV[3], ARGV[4]
if is_taken(key) then
  return 0
end
for i = 6, #ARGV, 3 do
  if is_taken(ARGV[i]) then
    return 0
  end
end
put(key, record, { deadline = 0, seen_at = 0 }, true, ARGV[5] == '1')
local h, number = parse(record), 0
local lineage = lineage_key(h.handle)
for i = 6, #ARGV, 3 do
  number = number + 1
  redis.call('HSET', lineage, ARGV[i], struct.pack(PAST, number, tonumber(ARGV[i + 1]), ARGV[i + 2]))
  redis.call('SET', session_key(ARGV[i]), 'A' .. h.handle)
  expire(session_key(ARGV[i]), h.absolute)
end
if number > 0 then
  redis.call('HSET', lineage, 'c', key, 'n', number)
  expire(lineage, h.absolute)
end
return 1
