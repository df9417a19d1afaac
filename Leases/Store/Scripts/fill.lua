-- ARGV: token, history, holds, shown, soft expiry from now in ms, hard expiry in ms, cost in ms, kind, generation, value.
-- Returns filled; floor: the snapshot is older than the last invalidation; generation: Redis is believed in less than the caller knows; late: the
-- lease was lost, and the value is kept as a stale one; lost: it is not.
local fields = redis.call('HMGET', key, 'm', 's', 'f', 'l')
local meta, stale, floor, lease = fields[1], fields[2], fields[3], fields[4]
local mine = lease and string.match(lease, '^(%S+)') == ARGV[1]
local outdated = meta and generation_of(meta) ~= ARGV[9] and believes(generation_of(meta), ARGV[9])
local _, standing = place(ARGV[3], ARGV[2])

-- Not older than the last invalidation, nor than what somebody may have been shown already.
local passed = standing ~= 'lost' and (not floor or passes(ARGV[3], string.match(floor, '^(%S+)'), ARGV[2]))
    and (not meta or not believes(generation_of(meta), ARGV[9]) or passes(ARGV[3], shown_of(meta), ARGV[2]))

local function write()
    changed()
    local soft = whole(now() + tonumber(ARGV[5]))
    redis.call('HSET', key, 'm', table.concat({ARGV[3], ARGV[4], soft, ARGV[7], ARGV[8], ARGV[9]}, ' '), 'n', string.sub(ARGV[1], 1, 16))
    if ARGV[8] == '+' then redis.call('HSET', key, 'v', ARGV[10]) else redis.call('HDEL', key, 'v') end
end

if not mine then
    -- The key is gone, the lease was voided by an invalidation, or somebody took it over.
    if passed and not outdated and (lease or floor) and (not meta or stale) then
        write()
        redis.call('HSET', key, 's', floor and string.match(floor, '^(%S+)') or ARGV[3])
        keep_for(ARGV[6])
        return 'late'
    end
    return 'lost'
end

redis.call('HDEL', key, 'l')
if outdated or not passed then
    wake()
    return outdated and 'generation' or 'floor'
end

write()
redis.call('HDEL', key, 's', 'b')
if floor then keep_for(ARGV[6]) else redis.call('PEXPIRE', key, ARGV[6]) end
wake()
return 'filled'
