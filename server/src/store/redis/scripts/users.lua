-- The sessions of each user: a sorted set of their keys, by deadline.

local function user_key(user) return prefix .. 'u:' .. user end

-- Keeps the index of a user up to date, and rids it of sessions that have ended by everybody's clock.
local function index(user, key, deadline)
  local sessions = user_key(user)
  redis.call('ZADD', sessions, deadline, key)
  redis.call('ZREMRANGEBYSCORE', sessions, '-inf', math.min(now, redis_now()))
  local left = redis.call('PTTL', sessions)
  if (left >= 0 and redis_now() + left < last_moment(deadline)) or (left == -1 and redis.call('ZCARD', sessions) == 1) then
    expire(sessions, deadline)
  end
end

local function unindex(user, key)
  redis.call('ZREM', user_key(user), key)
end
