-- ARGV: token, lease in ms, process, generation, the meta that is to be refreshed ('' where a value is needed).
-- Returns {how, time, v, m, s, f, detail, held}: fresh; won (detail: 1 where a dead holder's lease was taken over; held: for how many ms some process
-- still serves the value from memory: the fill must wait for that, or somebody might see the new value and then the old one); wait (detail: ms that the lease still
-- runs); failed (detail: why).
local fields = redis.call('HMGET', key, 'v', 'm', 's', 'f', 'l', 'b', 'w')
local meta, stale, lease, failed, waiting = fields[2], fields[3], fields[5], fields[6], fields[7]
local time = now()

local function answer(how, detail)
    return {how, whole(time), fields[1] or '', meta or '', stale or '', fields[4] or '', detail, whole(held_for(time))}
end

if meta and not stale and believes(generation_of(meta), ARGV[4]) and meta ~= ARGV[5] then return answer('fresh', '') end

if failed then
    local till, why = string.match(failed, '^(%d+) (.*)$')
    if time < tonumber(till) then return answer('failed', why) end
    redis.call('HDEL', key, 'b')
end

local taken = '0'
if lease then
    local till = tonumber(string.match(lease, '(%d+)$'))
    if time < till then
        -- 64 processes; whoever comes later looks from time to time.
        if ARGV[5] == '' and not (waiting and string.find(waiting, ARGV[3], 1, true)) and #(waiting or '') < 64 * 33 then
            redis.call('HSET', key, 'w', waiting and (waiting .. ' ' .. ARGV[3]) or ARGV[3])
        end
        return answer('wait', whole(till - time))
    end
    taken = '1'
end

redis.call('HSET', key, 'l', ARGV[1] .. ' ' .. whole(time + tonumber(ARGV[2])))
keep_for(whole(tonumber(ARGV[2]) * 2))
return answer('won', taken)
