-- ARGV: the key, the record. 1, or 0 where the key is taken.
local key, record = ARGV[3], ARGV[4]
if is_taken(key) then
  return 0
end
put(key, record, { deadline = 0, seen_at = 0 }, true, false)
return 1
