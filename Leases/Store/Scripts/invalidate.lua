-- ARGV: position, locked, write, history, floor lifetime in ms. Returns the ms until no process serves the old value from memory.
local floor = redis.call('HGET', key, 'f')
-- Told again, perhaps because the answer was lost.
if floor and ARGV[3] ~= '0' and string.match(floor, '(%d+)$') == ARGV[3] then return drop(now()) end
return invalidate(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], now())
