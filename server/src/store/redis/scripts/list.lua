-- ARGV: a user. Keys and records of the user's live sessions, in turn.
local user = ARGV[3]
local found = {}
for _, key in ipairs(redis.call('ZRANGE', user_key(user), 0, -1)) do
  local h = head(key)
  if h and h.user == user and h.deadline > now then
    found[#found + 1] = key
    found[#found + 1] = redis.call('GET', session_key(key))
  elseif not h then
    -- Redis has removed it at its deadline.
    unindex(user, key)
  end
end
return found
