namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// The transitions of a home timeline in Redis: one script each, each on one key, so that Redis Cluster works.
/// </summary>
/// <remarks>
/// The key <c>tl:{user}</c> is a sorted set. A post has its id as member and as score. The one member with a score of 0 or
/// below tells the state: <c>f</c> says that every post from −score on is in the set; <c>b:{rebuild}</c> that the
/// timeline is being built: pushes arrive already, but it cannot be read. Ids stay text, as Lua writes large numbers
/// with 14 digits only.
/// </remarks>
internal static class TimelineScripts
{
    // KEYS[1] timeline; ARGV: before (exclusive), count, expiry in seconds.
    // Returns {0} where there is none, {1} where it is being built, {2, floor, ids}.
    public const string Read = """
        local state = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '0', 'WITHSCORES')
        if #state == 0 then return {0} end
        if state[1] ~= 'f' then return {1} end
        redis.call('EXPIRE', KEYS[1], ARGV[3])
        local floor = state[2]
        if string.sub(floor, 1, 1) == '-' then floor = string.sub(floor, 2) end
        local lowest = floor
        if floor == '0' then lowest = '(0' end
        return {2, floor, redis.call('ZREVRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], lowest, 'LIMIT', 0, ARGV[2])}
        """;

    // KEYS[1] timeline; ARGV: post, cap, slack. Returns 1 where the post is new in it. A post below the floor is not put
    // in, as what is below comes from SQL.
    public const string Push = """
        local state = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
        if #state == 0 then return 0 end
        if state[1] ~= 'f' then return redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1]) end
        if tonumber(ARGV[1]) < -tonumber(state[2]) then return 0 end
        local added = redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1])
        local count = redis.call('ZCARD', KEYS[1]) - 1
        if count > ARGV[2] + ARGV[3] then
            redis.call('ZREMRANGEBYRANK', KEYS[1], 1, count - ARGV[2])
            redis.call('ZADD', KEYS[1], '-' .. redis.call('ZRANGE', KEYS[1], 1, 1)[1], 'f')
        end
        return added
        """;

    // KEYS[1] timeline; ARGV: rebuild, time to live in seconds. Returns 1 where the rebuild may go on.
    public const string Begin = """
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
        redis.call('ZADD', KEYS[1], '-9007199254740991', 'b:' .. ARGV[1])
        redis.call('EXPIRE', KEYS[1], ARGV[2])
        return 1
        """;

    // KEYS[1] timeline; ARGV: rebuild, expiry in seconds, cap, floor, posts... Returns 1 where it was written: the key
    // still carries this rebuild, so nobody has forgotten the timeline since it began.
    public const string Complete = """
        local mark = 'b:' .. ARGV[1]
        if not redis.call('ZSCORE', KEYS[1], mark) then return 0 end
        for i = 5, #ARGV do redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i]) end
        redis.call('ZREM', KEYS[1], mark)
        local floor = ARGV[4]
        if floor ~= '0' then redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. floor) end
        local surplus = redis.call('ZCARD', KEYS[1]) - ARGV[3]
        if surplus > 0 then
            redis.call('ZREMRANGEBYRANK', KEYS[1], 0, surplus - 1)
            floor = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
        end
        if floor ~= '0' then floor = '-' .. floor end
        redis.call('ZADD', KEYS[1], floor, 'f')
        redis.call('EXPIRE', KEYS[1], ARGV[2])
        return 1
        """;

    // KEYS[1] timeline; ARGV: rebuild. A rebuild that failed takes its key away.
    public const string Abandon = """
        if redis.call('ZSCORE', KEYS[1], 'b:' .. ARGV[1]) then return redis.call('DEL', KEYS[1]) end
        return 0
        """;
}
