-- ARGV: position, locked, write, history, floor lifetime in ms, soft expiry from now in ms, hard expiry in ms, kind, generation, value.
-- Returns {1 where the value is kept, ms until no process serves the old one from memory}.
local fields = redis.call('HMGET', key, 'm', 'f')
local meta, floor = fields[1], fields[2]
local time = now()
if floor and ARGV[3] ~= '0' and string.match(floor, '(%d+)$') == ARGV[3] then return {0, drop(time)} end

-- A write whose floor lies past this one's lock may have come after it, and a value that was read past the lock may hold such a write: then nothing is
-- guessed, and the next reader loads it. The same while some process serves the old value: nobody is to see the new one and then that.
local ambiguous = (floor and not passes(ARGV[2], string.match(floor, '^(%S+)'), ARGV[4]))
    or (meta and generation_of(meta) ~= ARGV[9] and believes(generation_of(meta), ARGV[9]))
    or (meta and believes(generation_of(meta), ARGV[9]) and not passes(ARGV[2], shown_of(meta), ARGV[4]))
local held = invalidate(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], time)
if ambiguous or held > 0 then return {0, held} end

local soft = whole(time + tonumber(ARGV[6]))
redis.call('HSET', key, 'm', table.concat({ARGV[2], ARGV[1], soft, '0', ARGV[8], ARGV[9]}, ' '))
if ARGV[8] == '+' then redis.call('HSET', key, 'v', ARGV[10]) else redis.call('HDEL', key, 'v') end
redis.call('HDEL', key, 's', 'b', 'l', 'n')
keep_for(ARGV[7])
wake()
return {1, held}
