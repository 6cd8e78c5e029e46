-- The keys that sessions have had before. Where an alias leads is in its session's lineage: a hash with the current key
-- (c), the number of the last alias (n), and for each alias its number, the time it ends and its nonce.

local PAST = '>I8I8c16'

local function lineage_key(handle) return prefix .. 'l:' .. handle end

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
