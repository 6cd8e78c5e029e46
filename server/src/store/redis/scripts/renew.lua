-- Holds a lock for longer, if it is still held. KEYS: the lock. ARGV: the holder, for how many milliseconds.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
