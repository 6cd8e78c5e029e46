-- ARGV: the key, the deadline, the time of the visit. 1, or 0 where there is no such session.
local key = ARGV[3]
local h = live(key)
if not h then
  return 0
end
local seen_at = tonumber(ARGV[5])
local allowed = math.min(seen_at + h.idle, h.absolute)
local deadline = math.max(h.deadline, math.min(tonumber(ARGV[4]), allowed))
redis.call('SETRANGE', session_key(key), LIFE_AT, struct.pack(LIFE, deadline, math.max(h.seen_at, seen_at)))
expire(session_key(key), deadline)
if h.user then
  index(h.user, key, deadline)
end
return 1
