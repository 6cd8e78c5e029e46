-- KEYS: the session. ARGV: the record expected, the new record, seconds to live or nothing.
-- Answers 1, the record that is there instead, or nil where there is none.
local present = redis.call('GET', KEYS[1])
if not present then return false end
if present ~= ARGV[1] then return present end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
elseif tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
else
  redis.call('DEL', KEYS[1])
end
return 1
