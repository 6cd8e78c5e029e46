-- ARGV: a key or an alias. 1, or 0 where it leads to no live session.
local current, h = resolve(ARGV[3])
if not h then
  return 0
end
forget(current, h)
return h.deadline > now and 1 or 0
