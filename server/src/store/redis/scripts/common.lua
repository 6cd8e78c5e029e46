-- What all scripts share. KEYS[1] is the Redis key of the session that the script is about; ARGV[1] the prefix of all
-- keys, ARGV[2] the time. A session's record is a string: 78 bytes of header, the commit's stamp, the
-- user, the data; in the layout of old (its first byte is 1), without the stamp. An alias is the
-- letter A and its session's handle; where it leads is in the session's lineage: a hash with the current key (c), the
-- number of the last alias (n), and for each alias its number, the time it ends and its nonce.

local prefix, now = ARGV[1], tonumber(ARGV[2])

local HEADER = '>BBI8I8I8I8I8I8c16I8I4'
local HEADER_BYTES, STAMP_BYTES, STAMPED = 78, 8, 2
local LIFE = '>I8I8' -- deadline and last visit, at this offset:
local LIFE_AT = 10
local UNCONFIRMED, HAS_USER = 2, 4
local PAST = '>I8I8c16'
local NEVER = 9007199254740991
-- Times beyond the year 9999: Redis would not take them.
local ENDLESS = 253402300800000

local function session_key(key) return prefix .. 's:' .. key end
local function lineage_key(handle) return prefix .. 'l:' .. handle end
local function user_key(user) return prefix .. 'u:' .. user end
local function has(flags, flag) return math.floor(flags / flag) % 2 == 1 end

local function redis_now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- When a moment has passed by Redis' clock and by the caller's: one that goes wrong ends no session.
local function last_moment(at)
  local time = redis_now()
  return math.max(at, time + at - now, time + 1)
end

local function expire(redis_key, at)
  if at < ENDLESS then
    redis.call('PEXPIREAT', redis_key, string.format('%.0f', last_moment(at)))
  else
    redis.call('PERSIST', redis_key)
  end
end

-- The header of the record under a key, live or not; and the handle of the session that an alias leads to.
local function head(key)
  local bytes = redis.call('GETRANGE', session_key(key), 0, HEADER_BYTES + STAMP_BYTES - 1)
  if string.sub(bytes, 1, 1) == 'A' then
    return nil, string.sub(bytes, 2)
  end
  if #bytes < HEADER_BYTES then
    return nil, nil
  end
  local h = {}
  local kind, user_bytes
  kind, h.flags, h.revision, h.deadline, h.seen_at, h.created_at, h.absolute, h.idle, h.handle, h.authenticated_at,
    user_bytes = struct.unpack(HEADER, bytes)
  local user_at = HEADER_BYTES
  h.stamp = ''
  if kind == STAMPED then
    user_at = HEADER_BYTES + STAMP_BYTES
    h.stamp = string.sub(bytes, HEADER_BYTES + 1)
  end
  if has(h.flags, HAS_USER) then
    h.user = ''
    if user_bytes > 0 then
      h.user = redis.call('GETRANGE', session_key(key), user_at, user_at + user_bytes - 1)
    end
  end
  return h, nil
end

local function live(key)
  local h = head(key)
  if h and h.deadline > now then
    return h
  end
end

-- The key of the session that a key names or leads to, and its header; ended ones among them.
local function resolve(key)
  local h, handle = head(key)
  if handle then
    key = redis.call('HGET', lineage_key(handle), 'c')
    h = key and head(key)
  end
  if h then
    return key, h
  end
end

-- Keeps the index of a user up to date, and rids it of sessions that have ended by everybody's clock.
local function index(user, key, deadline)
  local sessions = user_key(user)
  redis.call('ZADD', sessions, string.format('%.0f', deadline), key)
  redis.call('ZREMRANGEBYSCORE', sessions, '-inf', string.format('%.0f', math.min(now, redis_now())))
  local left = redis.call('PTTL', sessions)
  if (left >= 0 and redis_now() + left < last_moment(deadline)) or (left == -1 and redis.call('ZCARD', sessions) == 1) then
    expire(sessions, deadline)
  end
end

local function unindex(user, key)
  redis.call('ZREM', user_key(user), key)
end

-- The aliases of a session: each with its number, its end and its nonce.
local function aliases(handle)
  local fields = redis.call('HGETALL', lineage_key(handle))
  local list = {}
  for i = 1, #fields, 2 do
    if #fields[i] == 32 then
      local number, retire_at, nonce = struct.unpack(PAST, fields[i + 1])
      list[#list + 1] = { key = fields[i], number = number, retire_at = retire_at, nonce = nonce }
    end
  end
  return list
end

-- Nothing leads to the session any more.
local function cut_off(handle)
  for _, alias in ipairs(aliases(handle)) do
    redis.call('DEL', session_key(alias.key))
  end
  redis.call('DEL', lineage_key(handle))
end

local function forget(key, h)
  redis.call('DEL', session_key(key))
  if h.user then
    unindex(h.user, key)
  end
  cut_off(h.handle)
end

-- Whether a session, or an alias of one, has the key; what has ended under it is removed.
local function is_taken(key)
  local current, h = resolve(key)
  if h and h.deadline > now then
    return true
  end
  if current == key then
    forget(key, h)
  elseif redis.call('EXISTS', session_key(key)) == 1 then
    redis.call('DEL', session_key(key))
  end
  return false
end

-- Whether it is the very record that a client has seen.
local function is(h, revision, handle, stamp)
  return h.revision == tonumber(revision) and h.handle == handle and h.stamp == stamp
end

-- Stores the record that a client has made, with what it could not know: times move forward only, unless the client
-- has set the session's life anew, and whether the key has been seen is not its business.
-- Has to be a script's first write: a full Redis refuses that one or none.
local function put(key, record, before, sets_life, unconfirmed)
  local deadline, seen_at = struct.unpack(LIFE, record, LIFE_AT + 1)
  if not sets_life then
    deadline = math.max(deadline, before.deadline)
  end
  seen_at = math.max(seen_at, before.seen_at)
  local flags = string.byte(record, 2)
  if unconfirmed and not has(flags, UNCONFIRMED) then
    flags = flags + UNCONFIRMED
  end
  record = string.sub(record, 1, 1) .. string.char(flags) .. string.sub(record, 3, LIFE_AT)
    .. struct.pack(LIFE, deadline, seen_at) .. string.sub(record, LIFE_AT + 17)
  redis.call('SET', session_key(key), record)
  expire(session_key(key), deadline)
  local h = head(key)
  if h.user then
    index(h.user, key, deadline)
  end
  return h
end
