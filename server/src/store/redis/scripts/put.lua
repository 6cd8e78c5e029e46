-- Stores the record that a client has made, with what it could not know: times move forward only, unless the client
-- has set the session's life anew, and whether the key has been seen is not its business. Answers with the deadline, the
-- last visit and the user that it has now.
-- Has to be a script's first write: a full Redis refuses that one or none.
local function put(key, record, before, sets_life, unconfirmed)
  local flags, deadline, seen_at = string.byte(record, 2), struct.unpack(LIFE, record, LIFE_AT + 1)
  local is_later = seen_at >= before.seen_at and (sets_life or deadline >= before.deadline)
  if not is_later then
    deadline = sets_life and deadline or math.max(deadline, before.deadline)
    seen_at = math.max(seen_at, before.seen_at)
    record = string.sub(record, 1, LIFE_AT) .. struct.pack(LIFE, deadline, seen_at) .. string.sub(record, LIFE_AT + 17)
  end
  if unconfirmed and not has(flags, UNCONFIRMED) then
    record = string.sub(record, 1, 1) .. string.char(flags + UNCONFIRMED) .. string.sub(record, 3)
  end
  if deadline < ENDLESS then
    redis.call('SET', session_key(key), record, 'PXAT', last_moment(deadline))
  else
    redis.call('SET', session_key(key), record)
  end
  local user
  if has(flags, HAS_USER) then
    local h = parse(record)
    user = string.sub(record, h.user_at + 1, h.user_at + h.user_bytes)
    index(user, key, deadline)
  end
  return deadline, seen_at, user
end
