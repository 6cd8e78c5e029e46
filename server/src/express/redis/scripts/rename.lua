-- KEYS: the session, its new name. ARGV as in replace.lua. Answers as that, or 0 where the new name is taken.
local present = redis.call('GET', KEYS[1])
if not present then return false end
if present ~= ARGV[1] then return present end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if ARGV[3] == '' then
  redis.call('SET', KEYS[2], ARGV[2])
elseif tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
end
redis.call('DEL', KEYS[1])
return 1
