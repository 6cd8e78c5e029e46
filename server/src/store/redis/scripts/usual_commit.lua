-- The usual commit, ahead of the functions that the others need, which would cost more than all of it: the record is, to
-- the byte, the one that the client has seen, so that the client could tell what it becomes and how long it lives. ARGV: as
-- for any commit. 1: it is done.
if ARGV[7] ~= '' and redis.call('GETRANGE', KEYS[1], '0', '85') == ARGV[5] then
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[7])
  return 1
end

