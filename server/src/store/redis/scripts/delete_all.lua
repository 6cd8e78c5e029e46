-- ARGV: a user, a key whose session is spared (may be empty). How many live sessions have been deleted.
local user, spared = ARGV[3], resolve(ARGV[4])
local deleted = 0
for _, key in ipairs(redis.call('ZRANGE', user_key(user), 0, -1)) do
  if key ~= spared then
    local h = head(key)
    if h and h.user == user then
      forget(key, h)
      if h.deadline > now then
        deleted = deleted + 1
      end
    else
      unindex(user, key)
    end
  end
end
return deleted
