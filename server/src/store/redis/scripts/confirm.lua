-- ARGV: a key that has been seen, when the aliases before it end.
local key, retire_at = ARGV[3], tonumber(ARGV[4])
local h, handle = head(key)
local seen = NEVER
if h then
  if not has(h.flags, UNCONFIRMED) then
    return
  end
  redis.call('SETRANGE', session_key(key), 1, string.char(h.flags - UNCONFIRMED))
  handle = h.handle
elseif handle then
  -- Seen late: it is an alias by now, and ends those before it only.
  local past = redis.call('HGET', lineage_key(handle), key)
  if not past then
    return
  end
  seen = struct.unpack(PAST, past)
else
  return
end
for _, alias in ipairs(aliases(handle)) do
  if alias.number < seen and alias.retire_at == NEVER then
    redis.call('HSET', lineage_key(handle), alias.key, struct.pack(PAST, alias.number, retire_at, alias.nonce))
  end
end
