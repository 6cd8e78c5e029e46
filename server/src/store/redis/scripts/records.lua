-- What all scripts on sessions share. KEYS[1] is the Redis key of the session that the script is about; ARGV[1] the prefix
-- of all keys, ARGV[2] the time. A session's record is a string: 78 bytes of header, the commit's stamp, the user, the
-- data; in the layout of old (its first byte is 1), without the stamp. An alias is the letter A and its session's handle.
-- ENDLESS and NEVER stand ahead of every script.

local prefix, now = ARGV[1], tonumber(ARGV[2])

local HEADER = '>BBI8I8I8I8I8I8c16I8I4'
local HEADER_BYTES, STAMP_BYTES, STAMPED = 78, 8, 2
local LIFE = '>I8I8' -- deadline and last visit, at this offset:
local LIFE_AT = 10
local UNCONFIRMED, HAS_USER = 2, 4

local function session_key(key) return prefix .. 's:' .. key end
local function has(flags, flag) return math.floor(flags / flag) % 2 == 1 end

local time
local function redis_now()
  if not time then
    local parts = redis.call('TIME')
    time = parts[1] * 1000 + math.floor(parts[2] / 1000)
  end
  return time
end

-- When a moment has passed by Redis' clock and by the caller's: one that goes wrong ends no session.
local function last_moment(at)
  return math.max(at, redis_now() + at - now, redis_now() + 1)
end

local function expire(redis_key, at)
  if at < ENDLESS then
    redis.call('PEXPIREAT', redis_key, last_moment(at))
  else
    redis.call('PERSIST', redis_key)
  end
end

-- A record's header, and where its user is.
local function parse(bytes)
  local kind, flags, revision, deadline, seen_at, _, absolute, idle, handle, _, user_bytes = struct.unpack(HEADER, bytes)
  local user_at = kind == STAMPED and HEADER_BYTES + STAMP_BYTES or HEADER_BYTES
  -- All fields at once, and one more for the user: a table that grows costs more than the rest.
  return {
    flags = flags, revision = revision, deadline = deadline, seen_at = seen_at, absolute = absolute, idle = idle,
    handle = handle, stamp = string.sub(bytes, HEADER_BYTES + 1, user_at), user_at = user_at, user_bytes = user_bytes,
    user = nil,
  }
end

-- The header of the record under a key, live or not; and the handle of the session that an alias leads to.
local function head(key)
  -- The header and the stamp; as text, since Redis formats numbers slowly.
  local bytes = redis.call('GETRANGE', session_key(key), '0', '85')
  if string.byte(bytes) == 65 then
    return nil, string.sub(bytes, 2)
  end
  if #bytes < HEADER_BYTES then
    return nil, nil
  end
  local h = parse(bytes)
  if has(h.flags, HAS_USER) then
    h.user = ''
    if h.user_bytes > 0 then
      h.user = redis.call('GETRANGE', session_key(key), h.user_at, h.user_at + h.user_bytes - 1)
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

-- Whether it is the very record whose head a client has seen; visits may have moved its times since.
local function is(h, bytes)
  local seen = parse(bytes)
  return h.revision == seen.revision and h.handle == seen.handle and h.stamp == seen.stamp
end
