-- KEYS: entries, and then the number of the last change, if that is wanted; ARGV: of each entry the version that the caller has a copy of.
-- Returns {a text with a 1 for each that is that version still, and current, else 0; the number of the last change}.
local answer = {}
for i = 1, #ARGV do
    local fields = redis.call('HMGET', KEYS[i], 'm', 'n', 's')
    answer[i] = fields[1] and not fields[3] and (fields[1] .. ' ' .. (fields[2] or '')) == ARGV[i] and '1' or '0'
end
local last = KEYS[#ARGV + 1]
return {table.concat(answer), last and redis.call('GET', last) or '0'}
