-- The usual commit, ahead of the functions that the others need, which would cost as much again: to nobody's session, as
-- the client has seen it last, with times that move forward. ARGV: as for any commit. 1: it is done, with these times.
do
  local record, bytes = ARGV[4], redis.call('GETRANGE', KEYS[1], '0', '85')
  if #bytes == 86 and ARGV[8] == '0' then
    local kind, flags, revision, deadline, seen_at = struct.unpack('>BBI8I8I8', bytes)
    local _, new_flags, _, new_deadline, new_seen_at = struct.unpack('>BBI8I8I8', record)
    local now = tonumber(ARGV[2])
    -- Neither flag but that of a cookie that outlives the browser; and a time that Redis takes.
    if kind == 2 and flags < 2 and new_flags < 2 and deadline > now and revision == tonumber(ARGV[5])
      and string.sub(bytes, 51, 66) == ARGV[6] and string.sub(bytes, 79, 86) == ARGV[7]
      and new_deadline >= deadline and new_seen_at >= seen_at and new_deadline < ENDLESS then
      local parts = redis.call('TIME')
      local time = parts[1] * 1000 + math.floor(parts[2] / 1000)
      redis.call('SET', KEYS[1], record, 'PXAT', math.max(new_deadline, time + new_deadline - now, time + 1))
      return 1
    end
  end
end

