-- KEYS: the session. ARGV: the seconds that a session lives whose cookie has no end.
-- Answers the record, with its end postponed where the record begins as express-session writes it, or nil; and 1 where
-- it was postponed.
local record = redis.call('GET', KEYS[1])
if not record then return false end
local seconds
local life = string.match(record, '^{"cookie":{"originalMaxAge":(%w+),')
if life == 'null' then
  seconds = tonumber(ARGV[1])
elseif life and #life <= 15 and string.match(life, '^%d+$') then
  seconds = math.ceil(tonumber(life) / 1000)
end
if not seconds or seconds <= 0 or string.sub(record, -1) ~= '}' then return {record, 0} end
redis.call('EXPIRE', KEYS[1], string.format('%.0f', seconds))
return {record, 1}
