-- ARGV: ms for which the caller will serve the value from memory, generation. Returns {held, v, m, s, f, l, n}: a writer waits until then. Nothing is
-- granted while somebody loads the value anew, who waits until nobody holds it.
local fields = redis.call('HMGET', key, 'v', 'm', 's', 'f', 'l', 'o', 'n')
local held = '0'
local time = now()
local loading = fields[5] and tonumber(string.match(fields[5], '(%d+)$')) > time
if fields[2] and not fields[3] and not loading and believes(generation_of(fields[2]), ARGV[2]) then
    held = '1'
    local till = time + tonumber(ARGV[1])
    if till > tonumber(fields[6] or '0') then redis.call('HSET', key, 'o', whole(till)) end
end
return {held, fields[1] or '', fields[2] or '', fields[3] or '', fields[4] or '', fields[5] or '', fields[7] or ''}
