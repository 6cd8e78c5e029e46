-- ARGV: a key. The record that is live under it, then each of its aliases with its end and its nonce, the oldest
-- first; or nothing.
local key = ARGV[3]
local h = live(key)
if not h then
  return false
end
local list = aliases(h.handle)
table.sort(list, function(one, other) return one.number < other.number end)
local answer = { redis.call('GET', session_key(key)) }
for i, alias in ipairs(list) do
  local is_last = i == #list and has(h.flags, UNCONFIRMED)
  answer[#answer + 1] = alias.key
  answer[#answer + 1] = string.format('%.0f', alias.retire_at)
  answer[#answer + 1] = is_last and alias.nonce or ''
end
return answer
